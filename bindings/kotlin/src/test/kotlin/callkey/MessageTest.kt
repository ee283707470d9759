package callkey

import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class MessageTest {
    private fun opened(store: Store, enc: Enc, from: String): String =
        store.openMessage(enc.ciphertext, enc.type, from).use { String(it.reveal()) }

    // An app's messages would need a second session, or one would be lost because it was taken for a call.
    @Test
    fun messagesAndKeys() {
        Pair().use { pair ->
            val first = pair.caller.sealMessage("before".toByteArray(), Pair.BOB)
            CallKey.generate().use { key ->
                val enc = pair.caller.sealEnc(key, Pair.BOB)
                pair.callee.openEnc(enc.ciphertext, enc.type, Pair.ALICE).use { assertTrue(it.isSameAs(key)) }
                assertEquals("Malformed", failure { pair.callee.openEnc(first.ciphertext, first.type, Pair.ALICE) })
                assertEquals("before", opened(pair.callee, first, Pair.ALICE))
                Plaintext(key).use { plaintext ->
                    val sealed = pair.callee.sealMessage(plaintext, Pair.ALICE)
                    assertEquals(EncType.MSG, sealed.type)
                    pair.caller.openEnc(sealed.ciphertext, sealed.type, Pair.BOB).use { assertTrue(it.isSameAs(key)) }
                }
            }
            assertEquals("", opened(pair.callee, pair.caller.sealMessage(ByteArray(0), Pair.BOB), Pair.ALICE))
            assertEquals("NoSession", failure { pair.caller.sealMessage(ByteArray(1), "333:1@lid") })
        }
    }

    // A changed message would open, or a refused one would be lost.
    @Test
    fun refusedChangesNothing() {
        Pair().use { pair ->
            val enc = pair.caller.sealMessage("hello".toByteArray(), Pair.BOB)
            val wrong = enc.ciphertext.copyOf()
            val inside = wrong.size - 20 // of the message in the pkmsg; the last fields are ids
            wrong[inside] = (wrong[inside] + 1).toByte()
            val error = assertThrows(CallKeyException.Authentication::class.java) {
                pair.callee.openMessage(wrong, enc.type, Pair.ALICE)
            }
            assertArrayEquals(pair.caller.identity().publicKey, error.info!!.senderIdentity)
            assertEquals("Malformed", failure { pair.callee.openMessage(ByteArray(0), EncType.MSG, Pair.ALICE) })
            assertEquals("Argument", failure { pair.callee.openMessage(enc.ciphertext, enc.type, "\uD83D") })
            assertEquals("hello", opened(pair.callee, enc, Pair.ALICE))
        }
    }

    // An app that was killed before its own commit would lose the message, or it would open for ever.
    @Test
    fun keptOpened() {
        Store.open(keepOpened = true).use { callee ->
            Store.open().use { caller ->
                caller.session(Pair.BOB).begin(callee.takeBundle())
                val enc = caller.sealMessage("once".toByteArray(), Pair.BOB)
                repeat(2) { assertEquals("once", opened(callee, enc, Pair.ALICE)) }
                callee.messageDone(Pair.ALICE, enc.ciphertext)
                assertEquals("Duplicate", failure { opened(callee, enc, Pair.ALICE) })
            }
        }
    }

    // One device that fails would stop all others, or nobody would learn which.
    @Test
    fun manyDevices() {
        val devices = List(3) { "222222222222222:$it@lid" }
        val stores = devices.map { Store.open() }
        Store.open().use { caller ->
            val bundles = stores.map { it.takeBundle() }
            val bad = PrekeyBundle(
                bundles[1].registrationId, bundles[1].identityKey, bundles[1].signedPrekeyId, bundles[1].signedPrekey,
                ByteArray(64), bundles[1].prekeyId, bundles[1].prekey,
            )
            val begun = caller.beginSessions(devices, listOf(bundles[0], bad, bundles[2]))
            assertEquals(listOf(true, false, true), begun.map { it.isSealed })
            assertTrue(begun[1].error is CallKeyException.InvalidKey)
            val sealed = caller.sealMessages(devices, listOf("a", "bb", "ccc").map { it.toByteArray() })
            assertEquals(listOf(true, false, true), sealed.map { it.isSealed })
            assertTrue(sealed[1].error is CallKeyException.NoSession, "${sealed[1].error}")
            assertTrue(devices[1] in sealed[1].error!!.message!!)
            for ((index, text) in listOf(0 to "a", 2 to "ccc")) {
                val enc = Enc(devices[index], sealed[index].encType, sealed[index].content)
                assertEquals(text, opened(stores[index], enc, Pair.ALICE))
            }
            val error = assertThrows(CallKeyException.NoDevices::class.java) {
                caller.sealMessages(listOf("9:0@lid"), listOf(ByteArray(1)))
            }
            assertTrue(error.results.single().error is CallKeyException.NoSession)
            assertEquals("Argument", failure { caller.sealMessages(devices, emptyList()) })
            assertEquals(
                "NoDevices",
                failure { caller.beginSessions(listOf(devices[1]), listOf(bad)) },
            )
        }
        stores.forEach { it.close() }
    }
}
