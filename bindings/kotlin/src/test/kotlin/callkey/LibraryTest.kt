package callkey

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

class LibraryTest {
    // An app that checks the library at its start would reject a good one.
    @Test
    fun selftest() {
        Library.selftest()
    }

    // A report of a fault would name another version.
    @Test
    fun version() {
        val (major, minor) = Library.version.split('.').map { it.toInt() }
        assertEquals(listOf(Header.ABI_MAJOR, Header.ABI_MINOR), listOf(major, minor))
    }
}
