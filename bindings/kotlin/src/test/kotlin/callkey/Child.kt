package callkey

import java.io.File
import java.util.concurrent.TimeUnit
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue

/** Programs of the tests in a JVM of their own. */
internal object Child {
    val java: String = File(System.getProperty("java.home"), "bin/java").path

    /** The jar, as a user has it, in place of its classes. */
    val classPath: String = (System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path"))
        .split(File.pathSeparator).joinToString(File.pathSeparator) {
            if (File(it).name == "classes") File(System.getProperty("jar")).canonicalPath else it
        }
    val library = "-Dcallkey.library.path=" + System.getProperty("callkey.library.path")

    /** The lines that a program prints; its status must be 0. */
    fun said(command: List<String>): List<String> {
        val process = ProcessBuilder(command).redirectErrorStream(true).apply {
            // Otherwise a JVM cannot name a file with an emoji.
            environment()["LC_ALL"] = "C.UTF-8"
        }.start()
        val lines = process.inputStream.reader().readLines()
        assertTrue(process.waitFor(60, TimeUnit.SECONDS))
        assertEquals(0, process.exitValue(), lines.joinToString("\n"))
        return lines
    }
}
