package callkey

/** What a [CallKey] and an [Epoch] have in common: 32 bytes from which media keys are derived. */
public abstract class KeySecret internal constructor(bytes: SecretBytes, noun: String) : Derivations(bytes, noun) {
    /** 16 hexadecimal digits to compare in logs and user interfaces; one-way, and not part of the protocol. */
    public val fingerprint: String get() = hexadecimal(bytes.lend { native.fingerprint(it) })

    /**
     * [e2eKeys] for many participants in one call, all or nothing.
     *
     * @throws CallKeyException for the first bad participant; [CallKeyException.Argument] for more than 4096 of them.
     */
    public fun e2eKeysBatch(participants: List<String>): SRTPKeysBatch {
        val ids = utf8(participants, "participants")
        val statuses = IntArray(ids.size)
        val keys = bytes.lend { key ->
            SecretBytes.filled(ids.size * Sizes.SRTP_KEYS) { out ->
                native.deriveE2eKeysBatch(out, statuses, key, ids)
                val bad = statuses.indexOfFirst { it != Header.OK }
                if (bad >= 0) {
                    throw CallKeyException.of(statuses[bad], "participants[$bad]: ${statusText(statuses[bad])}")
                }
            }
        }
        return SRTPKeysBatch(participants.toList(), keys)
    }

    /**
     * Finds the sender of an SRTP packet, e.g. of the first one after the answer: the index in [participants] of the
     * first that gives its tag.
     *
     * An unusable participant never matches and does not stop the others. A wrong one matches a 4-byte tag once in 2^32
     * packets.
     *
     * @param participants the devices that may have sent it, each with its number; at most 4096.
     * @param packet as received: RTP header with CSRCs and extension, encrypted payload, tag.
     * @param roc the roll-over counter of its SSRC, 0 for a stream's first 65536 packets.
     * @param tagLength 4 (`AES_CM_128_HMAC_SHA1_32`) or 10 (`AES_CM_128_HMAC_SHA1_80`).
     * @throws CallKeyException.Authentication if nothing matches.
     * @throws CallKeyException.Malformed for bytes that are not an RTP packet.
     */
    @JvmOverloads
    public fun selectParticipant(
        participants: List<String>,
        packet: ByteArray,
        roc: Long = 0,
        tagLength: Int = 4,
    ): Int = bytes.lend {
        native.selectParticipant(it, utf8(participants, "participants"), packet, u32(roc, "roc"), tagLength)
    }
}

/** The key itself, if it has 32 bytes; else it is wiped. */
internal fun checkedKey(key: SecretBytes): SecretBytes {
    try {
        key.lend { native.check(it) }
    } catch (e: CallKeyException) {
        key.close()
        throw e
    }
    return key
}
