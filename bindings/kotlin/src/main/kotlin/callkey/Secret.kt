package callkey

import java.nio.ByteBuffer

/**
 * Secret bytes, in memory outside the heap that [close] sets to zero.
 *
 * Close each one, best with `use {}` or Java's try-with-resources: what is not closed stays in memory until it happens
 * to be overwritten. A call that another thread makes with the secret ends before it is wiped. Every use after [close]
 * throws [IllegalStateException].
 *
 * A secret does not show itself: [toString] tells its kind and length. It has no `equals` of its own and cannot be
 * serialized.
 */
public abstract class Secret internal constructor(
    internal val bytes: SecretBytes,
    private val noun: String,
) : AutoCloseable {
    /** Its length in bytes; not secret. */
    public val size: Int get() = bytes.size

    /**
     * Calls [body] with THE SECRET ITSELF, for storage or another library, never for a log: a read-only direct buffer
     * over the secret's own bytes, which may not be used after [body] returns.
     */
    public fun <R> withBuffer(body: (ByteBuffer) -> R): R = bytes.lend { body(it.asReadOnlyBuffer()) }

    /**
     * A copy of THE SECRET ITSELF. The collector may copy an array and leave the old one in memory, so prefer
     * [withBuffer]; else fill the array with zeros soon.
     */
    public fun reveal(): ByteArray = bytes.lend { buffer ->
        ByteArray(size).also { buffer.duplicate().get(it) }.also { SecretBytes.clearRegisters() }
    }

    /** Whether both have the same bytes. It takes the same time wherever they differ. */
    public fun isSameAs(other: Secret): Boolean = bytes.lend { one ->
        other.bytes.lend { two ->
            if (size != other.size) return false
            var difference = 0
            for (index in 0 until size) difference = difference or (one.get(index).toInt() xor two.get(index).toInt())
            SecretBytes.clearRegisters()
            difference == 0
        }
    }

    /** Sets the bytes to zero, once the calls that use them have ended. A second close does nothing. */
    override fun close(): Unit = bytes.close()

    /** Its kind and length; none of its bytes. */
    override fun toString(): String = "<$noun: $size secret bytes>"
}
