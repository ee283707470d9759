package callkey

/** The two sides of a call, each with its own store in memory. The caller can seal for the callee. */
class Pair : AutoCloseable {
    val caller = Store.open()
    val callee = Store.open()

    init {
        caller.session(BOB).begin(callee.takeBundle())
    }

    override fun close() {
        caller.close()
        callee.close()
    }

    companion object {
        const val ALICE = "111111111111111:0@lid"
        const val BOB = "222222222222222:0@lid"
    }
}

/** The class of the failure of [body]; "OK" if it has none. */
fun failure(body: () -> Any?): String = try {
    body()
    "OK"
} catch (e: CallKeyException) {
    e.javaClass.simpleName
}

fun unhex(digits: String): ByteArray =
    ByteArray(digits.length / 2) { digits.substring(2 * it, 2 * it + 2).toInt(16).toByte() }

fun hex(secret: Secret): String = hexadecimal(secret.reveal())
