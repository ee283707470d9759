package callkey

/**
 * The keys of one call: ours to send, theirs to receive.
 *
 * Both come from the offer's key, unless the accept has the peer's own key. The device number is part of every
 * derivation, so the receiving keys depend on the device that answered: read it from the accept ([answered], or
 * [accepted] if it has a key), name it ([answeredBy]), or find it from the first packet ([answeredFrom]). From then on
 * keys of any other device of the peer are not returned: with them nothing fails, but the audio is noise.
 *
 * Keys returned before the answer belong to the app: call [receive], and with `sframeByReceiver` also [send], again
 * after each of the four. SRTP, SRTCP and SFrame keys come together.
 *
 * It copies the keys that it is given; close it at the end of the call. Any thread may use it.
 */
public class Call
/**
 * A call of the device [own].
 *
 * @param own this device's JID, with device.
 * @param key the offer's call key, sealed by us or opened; it is copied.
 * @param callId the call's id. Without it an accept of any call is taken, and there are no [ssrcs].
 * @param devices the devices that were called; a LID without device means device 0. Without them an accept from any
 *   device is taken.
 * @param sframeByReceiver derive SFrame keys with the receiver's id instead of the sender's. Implementations disagree;
 *   with the wrong one frames don't authenticate.
 * @throws CallKeyException.WrongDevice if [own] is a LID without device.
 * @throws CallKeyException.Argument if [callId] is empty.
 * @throws CallKeyException.Participant if one of [devices] is.
 */
@JvmOverloads
constructor(
    own: String,
    key: CallKey,
    private val callId: String? = null,
    devices: List<String>? = null,
    private val sframeByReceiver: Boolean = false,
) : AutoCloseable {
    init {
        if (callId != null && callId.isEmpty()) throw CallKeyException.Argument("callId is empty")
    }

    private val own: String = device(own)
    private val devices: List<String>? = devices?.map { participantId(it) }

    /** The offer's key, to send the same offer again. It is closed with the call. */
    public val key: CallKey = CallKey(key.bytes.copy()) // after all that can fail

    /** The participant id of the device that answered; null while it is unknown. */
    @get:Synchronized
    public var answeringDevice: String? = null
        private set

    private var theirs: CallKey = this.key

    /** The device that sent [theirs] in its accept; null: it is the offer's key. */
    private var keyedBy: String? = null

    /**
     * Sets the device that answered. Called again with another device, that one counts.
     *
     * @throws CallKeyException.WrongDevice for a LID without device, which names the user but not the device.
     */
    @Synchronized
    public fun answeredBy(jid: String) {
        answeringDevice = device(jid)
    }

    /**
     * Finds the device that answered from an SRTP packet, and returns its participant id.
     *
     * @param packet as received: RTP header with CSRCs and extension, encrypted payload, tag.
     * @param devices the called devices; a LID without device means device 0.
     * @param roc the roll-over counter of its SSRC, 0 for a stream's first 65536 packets.
     * @param tagLength 4 (`AES_CM_128_HMAC_SHA1_32`) or 10 (`AES_CM_128_HMAC_SHA1_80`).
     * @throws CallKeyException.Authentication if none of them sent it; then nothing has changed.
     */
    @JvmOverloads
    @Synchronized
    public fun answeredFrom(packet: ByteArray, devices: List<String>, roc: Long = 0, tagLength: Int = 4): String {
        val index = theirs.selectParticipant(devices, packet, roc, tagLength)
        val participant = participantId(devices[index])
        answeringDevice = participant
        return participant
    }

    /**
     * Takes an accept without a key: its sender answered. On the wire device 0 has no number, so a sender without
     * device is device 0. Its streams use the offer's key, also after another device's accept with a key of its own.
     *
     * @param info of the [CallKeyException.NotForThisDevice] that [Store.openOffer] or [ParsedOffer.parse] threw for
     *   the accept.
     * @throws CallKeyException.WrongDevice if the accept names no device that was called.
     * @throws CallKeyException.Argument if it is of another call, has a key of its own, or the stanza is not an accept;
     *   then nothing has changed.
     */
    @Synchronized
    public fun answered(info: OfferInfo) {
        val device = accepting(info)
        if (info.encType != EncType.NONE || info.encVersion != 0) { // perhaps a newer one
            throw CallKeyException.Argument("the accept has a key of its own: pass it to accepted")
        }
        if (keyedBy != null && keyedBy != device) {
            use(key, null)
        }
        answeringDevice = device
    }

    /**
     * Adds the key of an accept, which is copied. From now on the peer's streams use that key, and ours still use our
     * own; the accept's sender answered.
     *
     * @param accept the result of [Store.openOffer] for it.
     * @throws CallKeyException.WrongDevice if it names no device that was called.
     * @throws CallKeyException.Argument if it is of another call or not an accept; then nothing has changed.
     */
    @Synchronized
    public fun accepted(accept: OpenedOffer) {
        val device = accepting(accept.info)
        use(CallKey(accept.key.bytes.copy()), device)
        answeringDevice = device
    }

    private fun use(peers: CallKey, by: String?) {
        if (theirs !== key) theirs.close()
        theirs = peers
        keyedBy = by
    }

    /**
     * The keys of the streams that we send. Close them.
     *
     * @throws CallKeyException.NotAnswered with `sframeByReceiver`, while the answering device is unknown.
     */
    @Synchronized
    public fun send(): MediaKeys = media(key, own, if (sframeByReceiver) answering() else own)

    /**
     * The keys of the streams that the answering device sends. Close them.
     *
     * @throws CallKeyException.NotAnswered while it is unknown.
     */
    @Synchronized
    public fun receive(): MediaKeys = keys(answering())

    /**
     * The keys of the streams that [jid] sends, for media before the answer. Once a device answered, only its keys are
     * returned. Close them.
     *
     * @throws CallKeyException.WrongDevice for a device other than the one that answered, and for a LID without device,
     *   even if device 0 answered.
     */
    @Synchronized
    public fun receive(jid: String): MediaKeys = keys(sender(jid))

    /**
     * The SSRCs of the streams that [jid] sends; null: of ours.
     *
     * @throws CallKeyException.WrongDevice as [receive].
     * @throws CallKeyException.Argument if the call has no call id.
     */
    @JvmOverloads
    @Synchronized
    public fun ssrcs(jid: String? = null): SSRCs {
        val id = callId ?: throw CallKeyException.Argument("the call has no callId, from which SSRCs are derived")
        return SSRCs(id, if (jid == null) own else sender(jid))
    }

    /** Closes the keys. A second close does nothing. */
    @Synchronized
    override fun close() {
        theirs.close()
        key.close()
    }

    /** The participant id of a peer's device; once one answered, only of that one. */
    private fun sender(jid: String): String {
        val participant = participantId(jid)
        answeringDevice?.let {
            if (namesNoDevice(jid, participant)) {
                throw CallKeyException.WrongDevice("$jid names no device, and $it answered")
            }
            if (participant != it) throw CallKeyException.WrongDevice("$it answered, not $participant")
        }
        return participant
    }

    /** The participant id of the device that sent the accept. */
    private fun accepting(info: OfferInfo): String {
        if (!info.isAccept) throw CallKeyException.Argument("the stanza is not an accept: its kind is ${info.kind}")
        if (callId != null && callId != info.callId) {
            throw CallKeyException.Argument("the accept is of the call \"${info.callId}\", not \"$callId\"")
        }
        val sender = if (info.sender.isEmpty()) "" else participantId(info.sender)
        // An accept with a key may have only the call's creator to open it with.
        if (sender.isEmpty() || sender == own) {
            throw CallKeyException.WrongDevice("the accept names no device that answered: it is from \"${info.from}\"")
        }
        if (devices == null) return sender
        return devices.find { numbered(it) == numbered(sender) }
            ?: throw CallKeyException.WrongDevice("${info.sender} was not called")
    }

    private fun keys(participant: String): MediaKeys =
        media(theirs, participant, if (sframeByReceiver) own else participant)

    private fun media(key: CallKey, participant: String, sframe: String): MediaKeys {
        val srtp = key.e2eKeys(participant)
        try {
            return MediaKeys(participant, srtp, key.sframeKey(sframe))
        } catch (e: RuntimeException) {
            srtp.close()
            throw e
        }
    }

    private fun answering(): String =
        answeringDevice ?: throw CallKeyException.NotAnswered("the device that answered is not known yet")
}

/** The participant id of a JID that must name a device. */
private fun device(jid: String): String {
    val participant = participantId(jid)
    if (namesNoDevice(jid, participant)) {
        throw CallKeyException.WrongDevice("$jid names no device: derived keys would be those of device 0")
    }
    return participant
}

/** The participant id with a device: device 0 has no number on the wire. */
private fun numbered(participant: String): String {
    val at = participant.lastIndexOf('@')
    if (':' in participant || at < 0) return participant
    return participant.substring(0, at) + ":0" + participant.substring(at)
}

/** Whether the JID is a LID without a device, which the derivations treat as device 0. */
private fun namesNoDevice(jid: String, participant: String): Boolean =
    participant.endsWith(":0@lid") && ":0@lid" !in jid.substringBefore('/')
