package callkey

import java.nio.Buffer
import java.nio.ByteBuffer
import java.util.concurrent.atomic.AtomicInteger

/**
 * The only copy of a secret, outside the heap, where no collector copies it.
 *
 * A call borrows the bytes with [lend]. If another thread closes the secret meanwhile, it is wiped when the last call
 * has ended: no call sees zeros.
 */
internal class SecretBytes(private val buffer: ByteBuffer) {
    /** The number of calls that use it, and CLOSED once it is closed. */
    private val state = AtomicInteger()

    constructor(size: Int) : this(room(size))

    val size: Int get() = buffer.capacity()

    inline fun <R> lend(body: (ByteBuffer) -> R): R {
        val lent = begin()
        try {
            return body(lent)
        } finally {
            end()
        }
    }

    fun begin(): ByteBuffer {
        while (true) {
            val now = state.get()
            check(now >= 0) { "the secret is closed" }
            if (state.compareAndSet(now, now + 1)) return buffer
        }
    }

    fun end() {
        if (state.decrementAndGet() == CLOSED) native.wipe(buffer)
    }

    fun close() {
        while (true) {
            val now = state.get()
            if (now < 0) return
            if (state.compareAndSet(now, now or CLOSED)) {
                if (now == 0) native.wipe(buffer)
                return
            }
        }
    }

    /** A secret of its own with the same bytes. */
    fun copy(): SecretBytes = lend { from -> filled(size) { it.duplicate().put(from.duplicate()) } }

    companion object {
        private const val CLOSED = Int.MIN_VALUE
        private val nothing = room(0)

        /**
         * To call after the JVM has copied or compared secret bytes: it does that in vector registers, which it saves
         * on the thread's stack whenever it stops the thread.
         */
        fun clearRegisters() = native.wipe(nothing)

        /** Zeros. Also called from C, for an output. */
        @JvmStatic
        fun room(size: Int): ByteBuffer = ByteBuffer.allocateDirect(size)

        fun copyOf(bytes: ByteArray): SecretBytes {
            val buffer = room(bytes.size)
            buffer.duplicate().put(bytes)
            clearRegisters()
            return SecretBytes(buffer)
        }

        /** A copy of the buffer's bytes from its position to its limit, which stay as they are. */
        fun copyOf(bytes: ByteBuffer): SecretBytes {
            val buffer = room(bytes.remaining())
            buffer.duplicate().put(bytes.duplicate())
            clearRegisters()
            return SecretBytes(buffer)
        }

        /** New bytes that [write] fills; wiped if it throws. */
        inline fun filled(size: Int, write: (ByteBuffer) -> Unit): SecretBytes {
            val secret = SecretBytes(size)
            try {
                secret.lend(write)
                clearRegisters()
            } catch (e: Throwable) {
                secret.close()
                throw e
            }
            return secret
        }
    }
}

/** The bytes from [start] up to [end] of a secret. */
internal fun part(buffer: ByteBuffer, start: Int, end: Int): ByteBuffer {
    val part = buffer.duplicate()
    // As Buffer: what ByteBuffer itself returns here is newer than Android 7.
    val ends: Buffer = part
    ends.limit(end)
    ends.position(start)
    return part.slice()
}

/** Calls [body] with a copy of secret bytes, which is wiped afterwards. */
internal inline fun <R> lendCopy(bytes: ByteArray, body: (ByteBuffer) -> R): R {
    val copy = SecretBytes.copyOf(bytes)
    try {
        return copy.lend(body)
    } finally {
        copy.close()
    }
}

/** A copy of bytes that must have this length. */
internal fun secretOf(bytes: ByteArray, size: Int, what: String): SecretBytes {
    length(bytes.size, size, what)
    return SecretBytes.copyOf(bytes)
}

internal fun secretOf(bytes: ByteBuffer, size: Int, what: String): SecretBytes {
    length(bytes.remaining(), size, what)
    return SecretBytes.copyOf(bytes)
}

private fun length(given: Int, size: Int, what: String) {
    if (given != size) throw CallKeyException.KeyLength("$what is $size bytes, not $given")
}
