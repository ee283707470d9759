package callkey

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class CallTest {
    private val own = "111111111111111:0@lid"
    private val bare = "222222222222222@lid"
    private val phone = "222222222222222:0@lid"
    private val desktop = "222222222222222:7@lid"
    private val devices = listOf(bare, "222222222222222:3@lid", desktop)
    private val key = CallKey(ByteArray(32) { it.toByte() })

    private fun hold(keys: MediaKeys, key: CallKey, sender: String, sframe: String = sender): Boolean = keys.use {
        key.e2eKeys(sender).use { srtp ->
            key.sframeKey(sframe).use { frames ->
                srtp.isSameAs(it.srtp) && frames.isSameAs(it.sframe) && it.participant == sender
            }
        }
    }

    /** An SRTP packet of a sender; only its tag matters. */
    private fun packet(key: CallKey, from: String): ByteArray {
        val head = unhex("80780007000003c012345678deadbeef")
        return head + key.e2eKeys(from).use { warpTag(head, it.reveal(SRTPKeys.Part.SRTP_AUTH_KEY)) }
    }

    private fun info(
        sender: String,
        isAccept: Boolean = true,
        type: EncType = EncType.NONE,
        version: Int = 0,
        id: String = "AB12",
    ) = OfferInfo(
        if (isAccept) StanzaKind.ACCEPT else StanzaKind.OFFER, 0, type, version, false, false, isAccept, 0, id, own,
        "", sender, null,
    )

    // The audio would be noise without an error: the most frequent bug in practice.
    @Test
    fun anotherDeviceAnswered() {
        Call(own, key).use { call ->
            assertNull(call.answeringDevice)
            assertEquals("NotAnswered", failure { call.receive() })
            assertTrue(hold(call.receive(bare), key, phone))
            call.answeredBy(desktop)
            assertEquals(desktop, call.answeringDevice)
            assertTrue(hold(call.receive(), key, desktop))
            assertTrue(hold(call.receive(desktop), key, desktop))
            for (wrong in listOf(bare, phone, "222222222222222:3@lid", own, "$bare/x")) {
                assertEquals("WrongDevice", failure { call.receive(wrong) }, wrong)
            }
            assertTrue(hold(call.send(), key, own))
        }
    }

    // A peer that keys SFrame the other way round could not be understood.
    @Test
    fun sframeByReceiver() {
        Call(own, key, sframeByReceiver = true).use { call ->
            assertEquals("NotAnswered", failure { call.send() })
            call.answeredBy(desktop)
            assertTrue(hold(call.send(), key, own, desktop))
            assertTrue(hold(call.receive(), key, desktop, own))
        }
    }

    // "A device of 222 answered" would be mistaken for "device 0 answered".
    @Test
    fun bareLid() {
        Call(own, key).use { call ->
            for (name in listOf(bare, "$bare/resource", "$bare/1:0@lid", " $bare ")) {
                assertEquals("WrongDevice", failure { call.answeredBy(name) }, name)
            }
            assertNull(call.answeringDevice)
        }
        assertEquals("WrongDevice", failure { Call(bare, key) })
        assertEquals("Participant", failure { Call(" ", key) })
        assertEquals("Argument", failure { Call(own, key, "") })
        assertEquals("Participant", failure { Call(own, key, devices = listOf("")) })
        Call("15550001@s.whatsapp.net", key).close()
    }

    // The app would have to guess the device.
    @Test
    fun fromAPacket() {
        Call(own, key).use { call ->
            for (sender in listOf(desktop, phone)) {
                assertEquals(sender, call.answeredFrom(packet(key, sender), devices))
                assertTrue(hold(call.receive(), key, sender))
            }
            assertEquals("Authentication", failure { call.answeredFrom(packet(key, "222222222222222:4@lid"), devices) })
            assertEquals("Malformed", failure { call.answeredFrom(ByteArray(0), devices) })
            assertEquals(phone, call.answeringDevice)
        }
    }

    // The peer's media would be keyed by our key, or ours by the peer's: noise in one direction.
    @Test
    fun acceptWithAKeyOfItsOwn() {
        CallKey.generate().use { theirs ->
            Call(own, key).use { call ->
                call.accepted(OpenedOffer(theirs, info(desktop)))
                assertTrue(hold(call.receive(), theirs, desktop))
                assertTrue(hold(call.send(), key, own))
                assertEquals("Authentication", failure { call.answeredFrom(packet(key, phone), devices) })
                assertEquals("WrongDevice", failure { call.accepted(OpenedOffer(theirs, info(own))) })
                assertEquals("Argument", failure { call.accepted(OpenedOffer(theirs, info(phone, isAccept = false))) })
                assertEquals("Argument", failure { call.answered(info(desktop, type = EncType.MSG)) })
                assertEquals("Argument", failure { call.answered(info(desktop, version = 2)) })
                assertTrue(hold(call.receive(), theirs, desktop))
                // An accept without a key: the same device has given its key already, another one uses the offer's.
                call.answered(info(desktop))
                assertTrue(hold(call.receive(), theirs, desktop))
                call.answered(info(phone))
                assertTrue(hold(call.receive(), key, phone))
            }
        }
    }

    // The accept names the device, and nobody reads it.
    @Test
    fun acceptWithoutAKey() {
        Call(own, key, "AB12", listOf(phone, desktop, "1555:0@s.whatsapp.net")).use { call ->
            val number = "1555@s.whatsapp.net" to "1555:0@s.whatsapp.net"
            for ((sender, device) in listOf(desktop to desktop, bare to phone, number)) {
                call.answered(info(sender))
                assertEquals(device, call.answeringDevice)
            }
            assertEquals("Argument", failure { call.answered(info(desktop, id = "ab12")) })
            assertEquals("WrongDevice", failure { call.answered(info("333@lid")) })
            assertEquals("WrongDevice", failure { call.answered(info("")) })
            assertEquals("1555:0@s.whatsapp.net", call.answeringDevice)
        }
    }

    // The engine would wait for streams of another device.
    @Test
    fun ssrcs() {
        Call(own, key, "AB12").use { call ->
            assertEquals(SSRCs("AB12", own).all, call.ssrcs().all)
            call.answeredBy(desktop)
            assertEquals(SSRCs("AB12", desktop).audio, call.ssrcs(desktop).audio)
            assertEquals("WrongDevice", failure { call.ssrcs(bare) })
        }
        Call(own, key).use { assertEquals("Argument", failure { it.ssrcs() }) }
    }

    // The keys of an ended call would stay in memory.
    @Test
    fun closed() {
        val call = Call(own, key)
        call.close()
        org.junit.jupiter.api.Assertions.assertThrows(IllegalStateException::class.java) { call.send() }
        assertEquals("27e3b30bd599c3d3", key.fingerprint) // the app's own
    }
}
