package callkey

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class OfferTest {
    private val options = OfferOptions("222222222222222@lid", "AB12", Pair.ALICE).apply {
        deviceIdentity = byteArrayOf(1)
    }

    // A call would not connect.
    @Test
    fun delivered() {
        Pair().use { pair ->
            CallKey.generate().use { key ->
                val offer = pair.caller.sealOffer(key, listOf(Pair.BOB, "222222222222222:5@lid"), options)
                assertEquals(listOf(true, false), offer.results.map { it.isSealed })
                assertTrue(offer.results[1].error is CallKeyException.NoSession)
                assertTrue("<offer" in offer.toXml())
                assertEquals(listOf(Pair.BOB), Stanza.offerDevices(offer.wire))
                val parsed = ParsedOffer.parse(offer.wire, listOf(Pair.BOB))
                assertEquals("AB12", parsed.info.callId)
                assertEquals(StanzaKind.OFFER, parsed.info.kind)
                pair.callee.openOffer(offer.wire, listOf(Pair.BOB)).use { (opened, info) ->
                    assertTrue(opened.isSameAs(key))
                    assertEquals(Pair.ALICE, info.sender)
                    assertEquals(EncType.PKMSG, info.encType)
                }
                val again = assertThrows(CallKeyException.Duplicate::class.java) {
                    pair.callee.openOffer(offer.wire, listOf(Pair.BOB), Pair.ALICE)
                }
                assertEquals("AB12", again.info!!.callId)
                pair.callee.close()
                val closed = assertThrows(CallKeyException.Handle::class.java) {
                    pair.callee.openOffer(offer.wire, listOf(Pair.BOB))
                }
                assertEquals("AB12", closed.info!!.callId)
            }
        }
    }

    // A wiped key would be sent, or a pkmsg that no peer accepts.
    @Test
    fun refused() {
        Pair().use { pair ->
            CallKey(ByteArray(32)).use { zeros ->
                assertEquals("InvalidKey", failure { pair.caller.sealOffer(zeros, listOf(Pair.BOB)) })
            }
            CallKey.generate().use { key ->
                val bare = OfferOptions("222222222222222@lid", "AB12", Pair.ALICE)
                assertEquals("DeviceIdentity", failure { pair.caller.sealOffer(key, listOf(Pair.BOB), bare) })
                val error = assertThrows(CallKeyException.NoDevices::class.java) {
                    pair.caller.sealOffer(key, listOf("333:0@lid"), options)
                }
                assertEquals("333:0@lid", error.results.single().jid)
                val offer = pair.caller.sealOffer(key, listOf(Pair.BOB))
                val other = assertThrows(CallKeyException.NotForThisDevice::class.java) {
                    val multi = pair.caller.sealOffer(key, listOf(Pair.BOB), multi())
                    pair.callee.openOffer(multi.wire, listOf("444:0@lid"))
                }
                assertNotNull(other.info)
                assertEquals("Malformed", failure { pair.callee.openOffer(ByteArray(0), listOf(Pair.BOB)) })
                assertEquals(null, assertThrows(CallKeyException.Malformed::class.java) {
                    pair.callee.openOffer(byteArrayOf(0, 1, 2), listOf(Pair.BOB))
                }.info)
                pair.callee.openOffer(offer.wire, listOf(Pair.BOB), Pair.ALICE).use { assertTrue(it.key.isSameAs(key)) }
            }
        }
    }

    private fun multi() = OfferOptions("222222222222222@lid", "AB12", Pair.ALICE).apply {
        deviceIdentity = byteArrayOf(1)
        isMultiDevice = true
    }

    // A group's members would not hear each other.
    @Test
    fun epochs() {
        Pair().use { pair ->
            Epoch.generate().use { epoch ->
                val wire = pair.caller.sealRekey(epoch, 7, Pair.BOB, options)
                Epochs().use { epochs ->
                    pair.callee.openRekey(wire, Pair.ALICE).use { (opened, info) ->
                        assertTrue(opened.isSameAs(epoch))
                        assertEquals(7L, info.transactionId)
                        assertThrows(CallKeyException.NoEpoch::class.java) { epochs.current() }
                        epochs.add(opened, info.transactionId)
                    }
                    assertEquals("NoEpoch", failure { epochs.current() })
                    epochs.roster(7)
                    epochs.current().use { (current, number) ->
                        assertTrue(current.isSameAs(epoch))
                        assertEquals(7L, number)
                    }
                    Epoch.generate().use {
                        assertEquals("Stale", failure { epochs.add(it, 6) })
                        assertEquals("Conflict", failure { epochs.add(it, 7) })
                        assertEquals("Argument", failure { epochs.add(it, 0) })
                        assertEquals("Argument", failure { epochs.add(it, -1) })
                    }
                    Epoch(ByteArray(32)).use { assertEquals("InvalidKey", failure { epochs.add(it, 9) }) }
                    epochs.close()
                    assertEquals("Handle", failure { epochs.roster(8) })
                }
                val sealed = pair.caller.sealRekeys(epoch, 8, listOf(Pair.BOB, "333:0@lid"), options)
                assertEquals(listOf(true, false), sealed.map { it.isSealed })
                pair.callee.openRekey(sealed[0].content, Pair.ALICE).use { assertTrue(it.epoch.isSameAs(epoch)) }
                assertEquals("Malformed", failure { pair.callee.openRekey(byteArrayOf(0)) })
            }
        }
    }
}
