package callkey

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class ExceptionTest {
    // An app could not tell one failure from another.
    @Test
    fun oneForEachStatus() {
        val classes = (-1 downTo LAST_FAILURE).map { status ->
            val error = CallKeyException.of(status, "words", 28)
            assertEquals(status, error.status)
            assertEquals("words", error.message)
            assertEquals(28, error.errno)
            val name = error.name
            val camel = name.removePrefix("CALLKEY_ERR_").split('_').joinToString("") { it[0] + it.drop(1).lowercase() }
            assertEquals(camel, error.javaClass.simpleName)
            error.javaClass
        }
        assertEquals(-LAST_FAILURE, classes.toSet().size)
    }

    // A batch would not say why it rejected a participant.
    @Test
    fun texts() {
        assertEquals("CALLKEY_ERR_PARTICIPANT", statusName(Header.ERR_PARTICIPANT))
        assertEquals("the participant id is empty", statusText(Header.ERR_PARTICIPANT))
    }

    // A library that is newer than the app would end it.
    @Test
    fun unknown() {
        val error = CallKeyException.of(LAST_FAILURE - 1, "new")
        assertTrue(error is CallKeyException.Unknown)
        assertEquals(LAST_FAILURE - 1, error.status)
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
