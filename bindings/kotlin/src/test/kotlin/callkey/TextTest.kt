package callkey

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class TextTest {
    // The JVM's modified UTF-8 has six bytes for an emoji: both sides would derive other keys.
    @Test
    fun emoji() {
        val jid = "\uD83D\uDE00é漢@example"
        assertEquals(jid, participantId(jid))
        val xml = Stanza.toXml(Stanza.fromXml("<call id=\"\uD83D\uDE00\"/>"))
        assertTrue("\uD83D\uDE00" in xml, xml)
    }

    // C would end the text at the NUL: another device's key.
    @Test
    fun nul() {
        val error = assertThrows(CallKeyException.Argument::class.java) { participantId("1@l\u0000id") }
        assertEquals("jid has a NUL at index 3", error.message)
        assertEquals("Argument", failure { Store.openPlaintext("/tmp/\u0000") })
    }

    // "?" would stand for it: two devices would be one.
    @Test
    fun loneSurrogates() {
        for ((text, index) in listOf("\uD83D" to 0, "ab\uDE00" to 2, "\uDE00\uD83D" to 0, "\uD83D\uDE00\uD83Dx" to 2)) {
            val error = assertThrows(CallKeyException.Argument::class.java) { participantId(text) }
            assertEquals("jid has half a surrogate pair at index $index", error.message)
        }
        CallKey.generate().use { key ->
            val error = assertThrows(CallKeyException.Argument::class.java) {
                key.e2eKeysBatch(listOf("1@lid", "\uD83D"))
            }
            assertEquals("participants[1] has half a surrogate pair at index 0", error.message)
        }
    }

    // A number would be cut to 32 bits without a word.
    @Test
    fun numbers() {
        WARPKey().use { key ->
            for (roc in listOf(-1L, 1L shl 32)) assertEquals("Argument", failure { key.tag(ByteArray(12), roc) })
            assertEquals(4, key.tag(ByteArray(12), 0xFFFFFFFFL).size)
        }
    }

    private fun WARPKey(): WARPAuthKey = CallKey.generate().use { it.warpAuthKey() }
}
