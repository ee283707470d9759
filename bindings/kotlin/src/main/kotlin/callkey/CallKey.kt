package callkey

import java.nio.ByteBuffer

/**
 * The secret of one call, 32 bytes (CRY-01).
 *
 * The caller generates a fresh one for every call id and sends it to every device of the callee. A repeated offer has
 * the same one.
 */
public class CallKey internal constructor(bytes: SecretBytes) : KeySecret(bytes, "call key") {
    /**
     * A call key from existing bytes, which are copied.
     *
     * @throws CallKeyException.KeyLength unless it is exactly 32 bytes (CRY-01).
     */
    public constructor(bytes: ByteArray) : this(checkedKey(SecretBytes.copyOf(bytes)))

    /**
     * A call key from the bytes between a buffer's position and its limit, which are copied and never touch the heap.
     */
    public constructor(bytes: ByteBuffer) : this(checkedKey(SecretBytes.copyOf(bytes)))

    /** The WARP authentication key, the same for all participants. */
    public fun warpAuthKey(): WARPAuthKey = bytes.lend { key ->
        WARPAuthKey(SecretBytes.filled(Sizes.WARP_AUTH_KEY) { native.deriveWarpAuthKey(it, key) })
    }

    public companion object {
        /** A call key from the operating system's random source (CRY-01). */
        @JvmStatic
        public fun generate(): CallKey = CallKey(SecretBytes.filled(Sizes.KEY) { native.generate(it) })

        /**
         * A call key from base64, of either alphabet, with or without padding.
         *
         * @throws CallKeyException.Malformed for other text.
         * @throws CallKeyException.KeyLength for another length.
         */
        @JvmStatic
        public fun ofBase64(text: CharSequence): CallKey = CallKey(checkedKey(decodedBase64(text)))
    }
}
