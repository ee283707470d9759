package callkey

/** The media keys of many participants, in their order; 130 secret bytes each. */
public class SRTPKeysBatch internal constructor(
    /** The participants, in order. */
    public val participants: List<String>,
    bytes: SecretBytes,
) : Secret(bytes, "batch of SRTP keys") {
    /**
     * The keys of one participant, as a secret of its own.
     *
     * @throws IndexOutOfBoundsException if there is no participant at [index].
     */
    public operator fun get(index: Int): SRTPKeys {
        if (index !in participants.indices) throw IndexOutOfBoundsException("there is no participant $index")
        return bytes.lend { all ->
            val one = part(all, index * Sizes.SRTP_KEYS, (index + 1) * Sizes.SRTP_KEYS)
            SRTPKeys(SecretBytes.filled(Sizes.SRTP_KEYS) { it.duplicate().put(one) })
        }
    }
}
