package callkey

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class ExceptionTest {
    // An app could not tell one failure from another.
    @Test
    fun oneForEachStatus() {
        val classes = (-1 downTo -27).map { status ->
            val error = CallKeyException.of(status, "words", 28)
            assertEquals(status, error.status)
            assertEquals("words", error.message)
            assertEquals(28, error.errno)
            val name = error.name
            val camel = name.removePrefix("CALLKEY_ERR_").split('_').joinToString("") { it[0] + it.drop(1).lowercase() }
            assertEquals(camel, error.javaClass.simpleName)
            error.javaClass
        }
        assertEquals(27, classes.toSet().size)
    }

    // A library that is newer than the app would end it.
    @Test
    fun unknown() {
        val error = CallKeyException.of(-28, "new")
        assertTrue(error is CallKeyException.Unknown)
        assertEquals(-28, error.status)
        assertEquals(Header.ERR_BUSY, -27, "the next status is known: take a number that is not")
    }

    // "The file could not be written" would not say that the disk is full.
    @Test
    fun errno() {
        val error = org.junit.jupiter.api.Assertions.assertThrows(CallKeyException.Store::class.java) {
            Store.openPlaintext("/none/store.db")
        }
        assertEquals(2, error.errno) // ENOENT
    }
}
