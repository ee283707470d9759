package callkey

import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Searches a JVM's memory from outside for the secrets of whole calls, once all is closed. */
class ResidueTest {
    private fun search(options: List<String>, vararg arguments: String): String {
        val host = listOf(Child.java, "-Xmx64m", Child.library, "-cp", Child.classPath, "callkey.Residue", "FOLDER")
        return Child.said(listOf(System.getProperty("search")) + options + "a JVM" + host + arguments).last()
    }

    // Whoever gets a memory dump of an app could decrypt its past calls.
    @Test
    fun nothingIsLeft() {
        val said = search(listOf("-times", "3"))
        assertTrue(said.startsWith("0 of 3 dumps"), said)
    }

    // The search would find nothing because it cannot.
    @Test
    fun copiesAreFound() {
        val said = search(listOf("-found"), "kept")
        assertTrue(said.startsWith("1 of 1 dumps"), said)
    }
}
