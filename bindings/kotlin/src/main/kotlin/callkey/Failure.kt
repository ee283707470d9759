package callkey

/** What callkey_jni.c throws. */
internal object Failure {
    /** Called from C on the thread of the failed call, with what the library says of it. */
    @JvmStatic
    fun raise(status: Int, words: ByteArray, errno: Int): Unit =
        throw CallKeyException.of(status, String(words, Charsets.UTF_8), errno)
}
