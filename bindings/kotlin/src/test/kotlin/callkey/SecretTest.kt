package callkey

import java.io.ByteArrayOutputStream
import java.io.NotSerializableException
import java.io.ObjectOutputStream
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class SecretTest {
    private fun numbered() = CallKey(ByteArray(32) { it.toByte() })

    // A log would have the key.
    @Test
    fun printed() {
        numbered().use { key ->
            assertEquals("<call key: 32 secret bytes>", "$key")
            assertEquals("<set of SRTP keys: 130 secret bytes>", key.e2eKeys(Pair.ALICE).use { "$it" })
        }
    }

    // A comparison by == would tell by its time where two keys differ.
    @Test
    fun compared() {
        numbered().use { one ->
            numbered().use { two ->
                assertNotEquals(one, two)
                assertTrue(one.isSameAs(two))
            }
            CallKey(ByteArray(32) { if (it == 31) 0 else it.toByte() }).use { assertFalse(one.isSameAs(it)) }
        }
    }

    // A session of a web server would write the key to a disk.
    @Test
    fun serialized() {
        numbered().use {
            val stream = ObjectOutputStream(ByteArrayOutputStream())
            assertThrows(NotSerializableException::class.java) { stream.writeObject(it) }
        }
    }

    // The key would stay in memory, or a call after it would use zeros for a key.
    @Test
    fun closed() {
        val key = numbered()
        var kept: java.nio.ByteBuffer? = null
        key.withBuffer { kept = it }
        assertEquals(31, kept!!.get(31))
        key.close()
        key.close()
        for (index in 0 until 32) assertEquals(0, kept!!.get(index), "$index")
        for (use in listOf({ key.fingerprint }, { key.reveal() }, { key.e2eKeys(Pair.ALICE) }, { key.warpAuthKey() })) {
            assertThrows(IllegalStateException::class.java) { use() }
        }
        assertEquals("<call key: 32 secret bytes>", "$key")
    }

    // A key that another thread closes during a call would be sent as zeros.
    @Test
    fun closedInUse() {
        val key = numbered()
        key.withBuffer { buffer ->
            Thread { key.close() }.apply { start() }.join()
            assertEquals(31, buffer.get(31))
            assertThrows(IllegalStateException::class.java) { key.fingerprint }
        }
        assertThrows(IllegalStateException::class.java) { key.withBuffer { } }
    }

    // The user of a read-only place could change the key for everybody.
    @Test
    fun readOnly() {
        numbered().use { key ->
            key.withBuffer { assertThrows(java.nio.ReadOnlyBufferException::class.java) { it.put(0, 1) } }
        }
    }

    // A batch would hand out another participant's keys.
    @Test
    fun batch() {
        val participants = List(5) { "22222222222222$it:0@lid" }
        numbered().use { key ->
            key.e2eKeysBatch(participants).use { all ->
                for ((index, participant) in participants.withIndex()) {
                    all[index].use { one -> key.e2eKeys(participant).use { assertTrue(it.isSameAs(one)) } }
                }
                assertThrows(IndexOutOfBoundsException::class.java) { all[5] }
            }
            val error = assertThrows(CallKeyException.Participant::class.java) { key.e2eKeysBatch(listOf("1@lid", "")) }
            assertTrue("participants[1]" in error.message!!, error.message)
        }
    }

    // A key that was copied from a configuration would be another one.
    @Test
    fun base64() {
        val text = java.util.Base64.getEncoder().encodeToString(ByteArray(32) { (it * 37).toByte() })
        for (form in listOf(text, text.trimEnd('='), text.replace('+', '-').replace('/', '_'))) {
            CallKey.ofBase64(form).use { assertEquals(hexadecimal(ByteArray(32) { (it * 37).toByte() }), hex(it)) }
        }
        for (wrong in listOf("", "A", "AA=", "AAAA=", text + "=", " $text", text.dropLast(2) + "!=")) {
            assertTrue(failure { CallKey.ofBase64(wrong) } in setOf("Malformed", "KeyLength"), wrong)
        }
        assertEquals("KeyLength", failure { Epoch.ofBase64("AAAA") })
    }
}
