package callkey

import java.nio.ByteBuffer

/**
 * One secret of a group call, 32 bytes, in force until the next.
 *
 * The media keys of every participant are derived from it: call [e2eKeys] with your own JID to send, with each sender's
 * to receive. Generate a fresh one for every number. No source says whether a group call's SFrame keys come from its
 * epoch.
 */
public class Epoch internal constructor(bytes: SecretBytes) : KeySecret(bytes, "epoch") {
    /**
     * An epoch from existing bytes, which are copied.
     *
     * @throws CallKeyException.KeyLength unless it is exactly 32 bytes.
     */
    public constructor(bytes: ByteArray) : this(checkedKey(SecretBytes.copyOf(bytes)))

    /** As the [CallKey] of a buffer. */
    public constructor(bytes: ByteBuffer) : this(checkedKey(SecretBytes.copyOf(bytes)))

    public companion object {
        /** An epoch from the operating system's random source. */
        @JvmStatic
        public fun generate(): Epoch = Epoch(SecretBytes.filled(Sizes.KEY) { native.generate(it) })

        /** An epoch from base64, as [CallKey.ofBase64]. */
        @JvmStatic
        public fun ofBase64(text: CharSequence): Epoch = Epoch(checkedKey(decodedBase64(text)))
    }
}
