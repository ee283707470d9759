package callkey

import java.nio.ByteBuffer

/**
 * The plaintext of a message: any that [Store.openMessage] or [Record.open] decrypted, or that of a call key for an app
 * with its own Signal sessions, 37 to 52 secret bytes of protobuf `Message.call.callKey` and padding.
 */
public class Plaintext internal constructor(bytes: SecretBytes) : Secret(bytes, "plaintext") {
    /** Writes a call key's. The length of the padding is random, so make one for each device. */
    public constructor(key: KeySecret) : this(SecretBytes(key.bytes.lend { native.plaintextEncode(it) }))

    /** A plaintext from existing bytes, which are copied. */
    public constructor(bytes: ByteArray) : this(SecretBytes.copyOf(bytes))

    /** The same from a buffer, whose bytes from its position to its limit are copied and never touch the heap. */
    public constructor(bytes: ByteBuffer) : this(SecretBytes.copyOf(bytes))

    /**
     * The call key in it; [version] is the enc's `v`: 2 is padded, 3 is not.
     *
     * @throws CallKeyException.Malformed for wrong padding or protobuf, or no call key.
     * @throws CallKeyException.KeyLength for a call key of another length.
     * @throws CallKeyException.Unsupported for another version.
     */
    @JvmOverloads
    public fun callKey(version: Int = 2): CallKey = bytes.lend { plaintext ->
        CallKey(SecretBytes.filled(Sizes.KEY) { native.plaintextDecode(it, plaintext, version) })
    }
}
