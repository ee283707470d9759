package callkey

/** What one of many threads does with the stores that all of them use. */
internal fun talk(pair: Pair, number: Int): Int {
    repeat(20) {
        CallKey.generate().use { key ->
            val enc = pair.caller.sealEnc(key, Pair.BOB)
            pair.callee.openEnc(enc.ciphertext, enc.type, Pair.ALICE).use { check(it.isSameAs(key)) }
            val id = "$number:$it@lid"
            key.e2eKeys(id).use { one ->
                key.e2eKeysBatch(listOf(id)).use { all -> check(all[0].use(one::isSameAs)) }
            }
        }
        // The library keeps an error's text for the thread of the system.
        val error = try {
            pair.caller.session("$number@nowhere").export().close()
            "none"
        } catch (e: CallKeyException) {
            e.message.orEmpty()
        }
        check("$number@nowhere" in error) { error }
    }
    return 1
}
