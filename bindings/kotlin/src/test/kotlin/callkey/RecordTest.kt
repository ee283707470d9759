package callkey

import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

private const val NOW = 1_800_000_000L

/** A device of a program that keeps its account, prekeys and record itself. */
private class Device {
    val account = Account.generate()
    var record = Record(ByteArray(0))
    var trusted: ByteArray? = null
    var prekey: PrivateKey? = null
    var signedPrekey: PrivateKey? = null

    fun publish(): PrekeyBundle {
        val signed = account.signedPrekey(7)
        val one = Prekey.generate(5)
        signedPrekey = signed.privateKey
        prekey = one.privateKey
        val identity = account.identity()
        return PrekeyBundle(
            identity.registrationId, identity.publicKey, 7, signed.published.publicKey, signed.published.signature, 5,
            one.published.publicKey,
        )
    }

    fun begin(bundle: PrekeyBundle) {
        record = record.begin(bundle, account, trusted, NOW)
        trusted = bundle.identityKey
    }

    fun seal(text: ByteArray): Ciphertext {
        val (ciphertext, next) = record.seal(text, trusted, NOW)
        record = next
        return ciphertext
    }

    fun open(ciphertext: Ciphertext): ByteArray {
        val opened = record.open(ciphertext, trusted, account, prekey, signedPrekey, NOW)
        record = opened.record
        trusted = opened.identity
        return opened.plaintext.use { it.reveal() }
    }
}

class RecordTest {
    // Two servers with their own databases could not call each other.
    @Test
    fun bothDirections() {
        val caller = Device()
        val callee = Device()
        caller.begin(callee.publish())
        for (turn in 0 until 5) {
            val ciphertext = caller.seal(byteArrayOf(turn.toByte()))
            assertEquals(if (turn == 0) EncType.PKMSG else EncType.MSG, ciphertext.type)
            assertArrayEquals(byteArrayOf(turn.toByte()), callee.open(ciphertext))
            assertArrayEquals(byteArrayOf(7), caller.open(callee.seal(byteArrayOf(7))))
        }
        assertArrayEquals(caller.account.identity().publicKey, callee.trusted)
    }

    // A call key of a server would not open in an app with a store.
    @Test
    fun withStore() {
        val server = Device()
        Store.open().use { app ->
            app.session(Pair.ALICE).begin(server.publish())
            CallKey.generate().use { key ->
                val enc = app.sealEnc(key, Pair.ALICE)
                Plaintext(server.open(Ciphertext(enc.type, enc.ciphertext))).use { plaintext ->
                    plaintext.callKey().use { assertTrue(it.isSameAs(key)) }
                }
                Plaintext(key).use { plaintext ->
                    server.record.seal(plaintext, server.trusted, NOW).use { (sealed, _) ->
                        app.openEnc(sealed.content, sealed.type, Pair.ALICE).use { assertTrue(it.isSameAs(key)) }
                    }
                }
            }
        }
    }

    // A program would take a wrong way out, or lose its session by a failure.
    @Test
    fun errors() {
        val caller = Device()
        val callee = Device()
        caller.begin(callee.publish())
        val first = caller.seal(byteArrayOf(1))
        assertEquals("NoIdentity", failure { callee.record.open(first, null, NOW) })
        assertEquals("NoPrekey", failure { callee.record.open(first, null, callee.account, null, null, NOW) })
        val stranger = assertThrows(CallKeyException.UntrustedIdentity::class.java) {
            callee.record.open(first, caller.trusted, NOW)
        }
        assertArrayEquals(caller.account.identity().publicKey, stranger.identityKey)
        assertEquals("Argument", failure { callee.record.open(first, byteArrayOf(1), NOW) })
        callee.open(first)
        assertEquals("Duplicate", failure { callee.record.open(first, callee.trusted, NOW) })
        assertEquals("UntrustedIdentity", failure { caller.record.seal(byteArrayOf(2), null, NOW) })
        assertEquals("Malformed", failure { Record(byteArrayOf(1, 2, 3)).info(callee.trusted, NOW) })
        assertEquals("NoSession", failure { Record(ByteArray(0)).info(null, NOW) })
        assertEquals("Argument", failure { caller.record.info(null, Long.MAX_VALUE) })
        val parsed = MessageInfo.parse(first.content, first.type)!!
        assertEquals(5L, parsed.prekeyId)
        assertEquals(7L, parsed.signedPrekeyId)
        assertEquals("Malformed", failure { MessageInfo.parse(first.content, EncType.MSG) })
    }

    // The room for the next record would be too small, for good.
    @Test
    fun skippedMessages() {
        val caller = Device()
        val callee = Device()
        caller.begin(callee.publish())
        callee.open(caller.seal(ByteArray(0)))
        val late = caller.seal(byteArrayOf(9))
        repeat(300) { caller.seal(ByteArray(0)) }
        assertArrayEquals(byteArrayOf(1), callee.open(caller.seal(byteArrayOf(1))))
        assertEquals(301, callee.record.info(callee.trusted, NOW).keptKeys)
        assertArrayEquals(byteArrayOf(9), callee.open(late))
    }

    // A message key would be used twice.
    @Test
    fun merge() {
        val caller = Device()
        val callee = Device()
        caller.begin(callee.publish())
        callee.open(caller.seal(ByteArray(0)))
        val old = callee.record
        callee.open(caller.seal(ByteArray(0)))
        assertTrue(old.merge(callee.record).isSameAs(callee.record) && callee.record.merge(old).isSameAs(callee.record))
        assertEquals("Conflict", failure { old.merge(caller.record) })
    }

    // An account could not prove itself, or a wiped one would.
    @Test
    fun account() {
        Account.generate().use { account ->
            assertTrue(account.registrationId in 1..16380)
            assertEquals(64, account.sign(byteArrayOf(1)).size)
            assertEquals("Argument", failure { account.signedPrekey(0) })
            assertEquals("Argument", failure { Prekey.generate(1L shl 24) })
        }
        Account(ByteArray(32), 1).use { assertEquals("InvalidKey", failure { it.identity() }) }
        assertEquals("Argument", failure { Account(ByteArray(32), -1) })
        assertEquals("Malformed", failure { PrekeyBundle(1, ByteArray(31), 1, ByteArray(32), ByteArray(64)) })
    }
}
