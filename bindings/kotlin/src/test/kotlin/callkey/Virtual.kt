package callkey

import java.util.concurrent.Callable
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors

/**
 * A program with many virtual threads on few carriers, for Java 21 and later: tests/kotlin/virtual.py runs it. A thread
 * may be on another carrier at its next call, where the library keeps the texts of other errors.
 */
internal object Virtual {
    private const val THREADS = 256

    @JvmStatic
    fun main(arguments: Array<String>) {
        val made = Executors::class.java.getMethod("newVirtualThreadPerTaskExecutor").invoke(null)
        val pool = made as ExecutorService
        Pair().use { pair ->
            val done = pool.invokeAll(List(THREADS) { number -> Callable { moved(pair, number) } })
            println("$THREADS virtual threads, ${done.count { it.get() }} of them on more than one carrier")
        }
        pool.shutdown()
    }

    private fun moved(pair: Pair, number: Int): Boolean {
        val carriers = List(3) {
            talk(pair, number)
            Thread.sleep(1)
            // VirtualThread[#22]/runnable@ForkJoinPool-1-worker-1
            Thread.currentThread().toString().substringAfterLast('@')
        }
        return carriers.toSet().size > 1
    }
}
