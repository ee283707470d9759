package callkey

import java.io.File
import java.nio.file.Path
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** The README's sessions, word by word. */
class ReadmeTest {
    // The first example that a user tries would not work.
    @Test
    fun kotlin() {
        val said = Child.said(listOf(Child.java, Child.library, "-cp", Child.classPath, "ReadmeKt"))
        assertTrue(said.any { "<enc" in it }, said.joinToString("\n"))
    }

    // The same, in Java.
    @Test
    fun java(@TempDir folder: Path) {
        val readme = File(System.getProperty("tree"), "README.md").readText()
        val snippets = Regex("(?ms)^```java\n(.*?)^```$").findAll(readme).map { it.groupValues[1] }.toList()
        assertEquals(1, snippets.size)
        val source = folder.resolve("Session.java").toFile().apply { writeText(snippets[0]) }
        val said = Child.said(listOf(Child.java, Child.library, "-cp", Child.classPath, source.path))
        assertTrue(said.any { "<enc" in it }, said.joinToString("\n"))
    }
}
