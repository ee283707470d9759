package callkey

import java.util.concurrent.Callable
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class ThreadTest {
    // Two calls at once would mix their keys, their sessions or their error texts.
    @Test
    fun sixtyFour() {
        // A virtual thread may be on another one of the system at its next call, where the library keeps other texts.
        val virtual = Executors::class.java.methods.find { it.name == "newVirtualThreadPerTaskExecutor" }
        val pool = virtual?.invoke(null) as ExecutorService? ?: Executors.newFixedThreadPool(64)
        try {
            Pair().use { pair ->
                val done = pool.invokeAll(List(64) { number -> Callable { talk(pair, number) } })
                assertEquals(64, done.sumOf { it.get() })
            }
        } finally {
            pool.shutdown()
        }
    }

    private fun talk(pair: Pair, number: Int): Int {
        repeat(20) {
            CallKey.generate().use { key ->
                val enc = pair.caller.sealEnc(key, Pair.BOB)
                pair.callee.openEnc(enc.ciphertext, enc.type, Pair.ALICE).use { assertTrue(it.isSameAs(key)) }
                val id = "$number:$it@lid"
                key.e2eKeys(id).use { one ->
                    key.e2eKeysBatch(listOf(id)).use { all -> assertTrue(all[0].use(one::isSameAs)) }
                }
            }
            val jid = "\u0001$number"
            val error = org.junit.jupiter.api.Assertions.assertThrows(CallKeyException::class.java) {
                pair.caller.session("$number@nowhere").export()
            }
            assertTrue("$number@nowhere" in error.message!!, "$jid: ${error.message}")
        }
        return 1
    }
}
