package app

import callkey.CallKey
import callkey.CallKeyException
import callkey.Library
import callkey.Store

/** An app for a shrinker: tests/kotlin/shrink.py runs what it leaves of it and of the package. */
internal object Shrunk {
    private const val ALICE = "111111111111111:0@lid"
    private const val BOB = "222222222222222:0@lid"

    @JvmStatic
    fun main(arguments: Array<String>) {
        Library.selftest()
        Store.open().use { caller ->
            Store.open().use { callee ->
                CallKey.generate().use { key -> call(caller, callee, key) }
            }
        }
    }

    private fun call(caller: Store, callee: Store, key: CallKey) {
        try {
            caller.sealOffer(key, listOf(BOB))
        } catch (e: CallKeyException.NoDevices) { // made by C, which finds what makes it by its name
            println("refused: ${e.results.single().error?.message}")
        }
        caller.session(BOB).begin(callee.takeBundle())
        val offer = caller.sealOffer(key, listOf(BOB))
        callee.openOffer(offer.wire, listOf(BOB), ALICE).use { (opened, info) ->
            check(opened.isSameAs(key))
            println("opened: ${info.callId}")
        }
        val record = caller.session(BOB).export()
        record.use { println("exported: ${it.size > 0}") }
    }
}
