package callkey

/**
 * The nine SSRCs of a participant's streams. The call id is used unchanged, including its case.
 *
 * @throws CallKeyException.Argument if the call id is empty or a text is over 127 bytes.
 * @throws CallKeyException.Participant if the participant is empty.
 */
public class SSRCs(callId: String, participant: String) {
    private val numbers = native.deriveSsrcs(utf8(callId, "callId"), utf8(participant, "participant"))

    /**
     * All nine, each 0 to 4294967295, in stream order: audio, audio FEC, audio NACK, video, video FEC, video NACK,
     * HBH-FEC, HBH-FEC, app data.
     */
    public val all: List<Long> get() = numbers.map { it.unsigned() }

    public val audio: Long get() = numbers[Header.SSRC_AUDIO].unsigned()
    public val audioFEC: Long get() = numbers[Header.SSRC_AUDIO_FEC].unsigned()
    public val audioNACK: Long get() = numbers[Header.SSRC_AUDIO_NACK].unsigned()
    public val video: Long get() = numbers[Header.SSRC_VIDEO].unsigned()
    public val videoFEC: Long get() = numbers[Header.SSRC_VIDEO_FEC].unsigned()
    public val videoNACK: Long get() = numbers[Header.SSRC_VIDEO_NACK].unsigned()
    public val hbhFEC: List<Long>
        get() = listOf(numbers[Header.SSRC_HBH_FEC_1].unsigned(), numbers[Header.SSRC_HBH_FEC_2].unsigned())
    public val appData: Long get() = numbers[Header.SSRC_APP_DATA].unsigned()
}
