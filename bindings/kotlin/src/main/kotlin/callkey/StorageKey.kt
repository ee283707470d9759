package callkey

import java.nio.ByteBuffer

/** The 32 secret bytes that encrypt the records of a [Store]. Keep them in the system's key store. */
public class StorageKey internal constructor(bytes: SecretBytes) : Secret(bytes, "storage key") {
    /** A storage key from existing bytes, which are copied; its length is checked when a store is opened. */
    public constructor(bytes: ByteArray) : this(SecretBytes.copyOf(bytes))

    /** The same from a buffer, whose bytes from its position to its limit are copied and never touch the heap. */
    public constructor(bytes: ByteBuffer) : this(SecretBytes.copyOf(bytes))

    public companion object {
        /** A new storage key from the operating system's random source. */
        @JvmStatic
        public fun generate(): StorageKey = StorageKey(SecretBytes.filled(Sizes.STORAGE_KEY) { native.generate(it) })
    }
}
