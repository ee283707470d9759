package callkey

import java.util.concurrent.Callable
import java.util.concurrent.Executors
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

class ThreadTest {
    // Two calls at once would mix their keys, their sessions or their error texts.
    @Test
    fun sixtyFour() {
        val pool = Executors.newFixedThreadPool(64)
        try {
            Pair().use { pair ->
                val done = pool.invokeAll(List(64) { number -> Callable { talk(pair, number) } })
                assertEquals(64, done.sumOf { it.get() })
            }
        } finally {
            pool.shutdown()
        }
    }
}
