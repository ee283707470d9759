package callkey

import java.nio.ByteBuffer

/**
 * A decoded raw_e2e secret, at least 32 bytes, of which the first 32 are used (CRY-01).
 *
 * It replaces the call key for SRTP and SRTCP only; SFrame and WARP keys still come from the call key.
 */
public class RawE2E internal constructor(bytes: SecretBytes) : Secret(bytes, "raw_e2e secret") {
    /** A decoded secret, which is copied; its length is checked when keys are derived. */
    public constructor(bytes: ByteArray) : this(SecretBytes.copyOf(bytes))

    /** The same from a buffer, whose bytes from its position to its limit are copied and never touch the heap. */
    public constructor(bytes: ByteBuffer) : this(SecretBytes.copyOf(bytes))

    /**
     * Like [CallKey.e2eKeys], from this secret.
     *
     * @throws CallKeyException.KeyLength also if it is shorter than 32 bytes.
     */
    public fun e2eKeys(participant: String): SRTPKeys {
        val id = utf8(participant, "participant")
        return bytes.lend { raw ->
            SRTPKeys(SecretBytes.filled(Sizes.SRTP_KEYS) { native.deriveE2eKeysRaw(it, raw, id) })
        }
    }

    /** As [CallKey.selectParticipant], with this secret. */
    @JvmOverloads
    public fun selectParticipant(
        participants: List<String>,
        packet: ByteArray,
        roc: Long = 0,
        tagLength: Int = 4,
    ): Int = bytes.lend {
        val key = part(it, 0, minOf(size, Sizes.KEY))
        native.selectParticipant(key, utf8(participants, "participants"), packet, u32(roc, "roc"), tagLength)
    }

    public companion object {
        /**
         * The secret in the content of a raw_e2e node: base64, or the bytes themselves.
         *
         * @throws CallKeyException.KeyLength for fewer than 32 bytes, read either way.
         */
        @JvmStatic
        public fun decode(content: ByteArray): RawE2E =
            RawE2E(SecretBytes(lendCopy(content) { native.rawE2eDecode(it) }))
    }
}
