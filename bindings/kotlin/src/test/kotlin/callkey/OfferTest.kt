package callkey

import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
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

    // A call to new devices would wait for the disk twice, or one bad bundle would stop the others from ringing.
    @Test
    fun begun() {
        Pair().use { pair ->
            Store.open().use { fresh ->
                CallKey.generate().use { key ->
                    val devices = listOf(FRESH, Pair.BOB, BROKEN, "333:0@lid", "222222222222222:7@lid", FRESH)
                    val bundles = mapOf(FRESH to fresh.takeBundle(), BROKEN to broken(pair.callee.takeBundle()))
                    val offer = pair.caller.sealOffer(key, devices, options, bundles)
                    assertEquals(devices, offer.results.map { it.jid })
                    assertEquals(
                        listOf("OK", "OK", "InvalidKey", "NoSession", "NoSession", "Duplicate"),
                        offer.results.map { it.error?.javaClass?.simpleName ?: "OK" },
                    )
                    assertEquals(EncType.PKMSG, offer.results[0].encType)
                    assertEquals(EncType.NONE, offer.results[2].encType)
                    assertEquals("$BROKEN: a key or signature is not valid", offer.results[2].error!!.message)
                    assertEquals("333:0@lid: no session with the device", offer.results[3].error!!.message)
                    assertEquals(listOf(FRESH, Pair.BOB), Stanza.offerDevices(offer.wire))
                    for ((store, jid) in listOf(fresh to FRESH, pair.callee to Pair.BOB)) {
                        store.openOffer(offer.wire, listOf(jid)).use { assertTrue(it.key.isSameAs(key)) }
                    }
                    assertEquals(setOf(FRESH, Pair.BOB), pair.caller.sessions().toSet())
                    assertEquals("NotFound", failure { pair.caller.identityKey(BROKEN) })
                    // The session that began is the one of the next call.
                    val next = pair.caller.sealOffer(key, listOf(FRESH), options)
                    fresh.openOffer(next.wire, listOf(FRESH)).use { assertTrue(it.key.isSameAs(key)) }
                }
            }
        }
    }

    // A call that was not placed would leave sessions that its devices never learn of.
    @Test
    fun nothingBegun() {
        Pair().use { pair ->
            Store.open(makingIdentity = false).use { empty ->
                CallKey.generate().use { key ->
                    val bare = OfferOptions("222222222222222@lid", "AB12", Pair.ALICE)
                    val bundle = pair.callee.takeBundle()
                    val bundles = mapOf(FRESH to bundle)
                    fun fails(store: Store, options: OfferOptions?, bundles: Map<String, PrekeyBundle>): String =
                        failure { store.sealOffer(key, listOf(FRESH), options, bundles) }
                    assertEquals("DeviceIdentity", fails(pair.caller, bare, bundles))
                    assertEquals("NoIdentity", fails(empty, options, bundles))
                    CallKey(ByteArray(32)).use { zeros ->
                        val refused = failure { pair.caller.sealOffer(zeros, listOf(FRESH), options, bundles) }
                        assertEquals("InvalidKey", refused)
                    }
                    val error = assertThrows(CallKeyException.NoDevices::class.java) {
                        val devices = listOf(FRESH, "nobody", "333:0@lid")
                        pair.caller.sealOffer(key, devices, options, devices.take(2).associateWith { broken(bundle) })
                    }
                    val errors = error.results.map { it.error!! }
                    assertEquals(listOf("InvalidKey", "Argument", "NoSession"), errors.map { it.javaClass.simpleName })
                    assertEquals("nobody: jid: not a JID: \"nobody\" has no @", errors[1].message)
                    val stray = assertThrows(CallKeyException.Argument::class.java) {
                        val strayed = bundles + ("333:0@lid" to bundle)
                        pair.caller.sealOffer(key, listOf(FRESH, Pair.BOB), options, strayed)
                    }
                    assertEquals("bundles has 333:0@lid, which is not in devices", stray.message)
                    assertEquals("Argument", failure { pair.caller.sealOffer(key, emptyList(), options, bundles) })
                    assertFalse(pair.caller.session(FRESH).exists())
                    assertEquals(listOf(Pair.BOB), pair.caller.sessions())
                    assertEquals(listOf(Pair.BOB), pair.caller.identities())
                }
            }
        }
    }

    // An app could not show which identity of a device is new, or would show one that nobody has.
    @Test
    fun untrustedBundle() {
        Pair().use { pair ->
            Store.open().use { anew ->
                CallKey.generate().use { key ->
                    pair.caller.session(FRESH).begin(pair.callee.takeBundle())
                    pair.caller.trust(Pair.BOB, anew.identity().publicKey)
                    val devices = listOf(FRESH, Pair.BOB)
                    val error = assertThrows(CallKeyException.NoDevices::class.java) {
                        pair.caller.sealOffer(key, devices, options, mapOf(FRESH to anew.takeBundle()))
                    }
                    // The first has a key in its bundle; the second has one only in the session, which is the old one.
                    val keys = listOf(anew, pair.callee).map { it.identity().publicKey }
                    for ((index, result) in error.results.withIndex()) {
                        val untrusted = result.error as CallKeyException.UntrustedIdentity
                        assertEquals(devices[index], untrusted.jid)
                        assertArrayEquals(keys[index], untrusted.identityKey)
                    }
                    assertTrue("the device's identity key" in error.results[0].error!!.message!!)
                    assertTrue("the session's identity key" in error.results[1].error!!.message!!)
                    pair.caller.trust(FRESH, keys[0])
                    val offer = pair.caller.sealOffer(key, listOf(FRESH), options, mapOf(FRESH to anew.takeBundle()))
                    anew.openOffer(offer.wire, listOf(FRESH)).use { assertTrue(it.key.isSameAs(key)) }
                }
            }
        }
    }

    // A batch that may not leave a bundle out would begin fewer sessions than it was told, and not say so.
    @Test
    fun missingBundle() {
        Store.open().use { store ->
            @Suppress("UNCHECKED_CAST")
            val none = arrayOf<ByteArray?>(null) as Array<ByteArray>
            val error = assertThrows(CallKeyException.Argument::class.java) {
                native.sessionBeginBatch(store.handle, IntArray(1), utf8(listOf(Pair.BOB), "jids"), none)
            }
            assertEquals("bundles[0] is NULL", error.message)
        }
    }

    private fun broken(bundle: PrekeyBundle): PrekeyBundle {
        val signature = bundle.signedPrekeySignature.copyOf()
        signature[5] = (signature[5].toInt() xor 1).toByte()
        return PrekeyBundle(
            bundle.registrationId, bundle.identityKey, bundle.signedPrekeyId, bundle.signedPrekey, signature,
            bundle.prekeyId, bundle.prekey,
        )
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
    private companion object {
        const val FRESH = "222222222222222:3@lid"
        const val BROKEN = "222222222222222:4@lid"
    }
}
