package callkey

import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class KeyTest {
    // Two calls would share a key, or a call would have a known one.
    @Test
    fun generated() {
        CallKey.generate().use { one ->
            CallKey.generate().use { two ->
                assertEquals(32, one.size)
                assertFalse(one.isSameAs(two))
                assertFalse(one.reveal().contentEquals(two.reveal()))
            }
        }
    }

    // A program would go on with a key that is none.
    @Test
    fun wrongLength() {
        for (size in listOf(0, 31, 33)) {
            val error = assertThrows(CallKeyException.KeyLength::class.java) { CallKey(ByteArray(size)) }
            assertEquals(-4, error.status)
            assertTrue("$size" in error.message!!, error.message)
        }
    }

    // Both sides of a call would derive other keys.
    @Test
    fun derived() {
        CallKey(ByteArray(32) { it.toByte() }).use { key ->
            key.e2eKeys("222222222222222@lid").use { keys ->
                assertEquals("3f5423fb6f67e4c588bf5741a3a4e92c", hexadecimal(keys.reveal(SRTPKeys.Part.MASTER_KEY)))
                assertArrayEquals(keys.reveal().copyOf(30), keys.reveal(SRTPKeys.Part.LIBSRTP_KEY))
            }
            assertEquals("27e3b30bd599c3d3", key.fingerprint)
        }
    }
}
