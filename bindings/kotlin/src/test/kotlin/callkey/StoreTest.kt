package callkey

import java.io.File
import java.nio.file.Path
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

class StoreTest {
    @TempDir
    lateinit var folder: Path

    private val storageKey = StorageKey(ByteArray(32) { 7 })

    private fun file(name: String = "store.db") = folder.resolve(name).toString()

    // An app that restarts could no longer open its messages.
    @Test
    fun fileKeepsWhatWasDone() {
        val path = file("mit Leerzeichen \uD83D\uDE00.db")
        Store.open().use { caller ->
            val identity = Store.open(path, storageKey).use { callee ->
                caller.session(Pair.BOB).begin(callee.takeBundle())
                callee.identity().publicKey
            }
            CallKey.generate().use { key ->
                val enc = caller.sealEnc(key, Pair.BOB)
                assertEquals(EncType.PKMSG, enc.type)
                Store.open(path, storageKey).use { callee ->
                    assertArrayEquals(identity, callee.identity().publicKey)
                    callee.openEnc(enc.ciphertext, enc.type, Pair.ALICE).use { assertTrue(it.isSameAs(key)) }
                }
                Store.open(path, storageKey).use { callee ->
                    val error = assertThrows(CallKeyException.Duplicate::class.java) {
                        callee.openEnc(enc.ciphertext, enc.type, Pair.ALICE)
                    }
                    assertEquals(Pair.ALICE, error.info!!.sender)
                }
            }
        }
    }

    // A thief of the file could read the sessions, or the app would not learn why it can't.
    @Test
    fun storageKeyIsNeeded() {
        Store.open(file(), storageKey).close()
        assertEquals("StoreKey", failure { Store.open(file(), StorageKey(ByteArray(32) { 8 })) })
        assertEquals("KeyLength", failure { Store.open(file(), StorageKey(ByteArray(31) { 8 })) })
        assertEquals("StoreKey", failure { Store.open(file(), StorageKey(ByteArray(0))) })
        assertEquals("Store", failure { Store.open(file("none/store.db"), storageKey) })
        File(file("text.db")).writeText("no store")
        assertEquals("StoreCorrupt", failure { Store.open(file("text.db"), storageKey) })
        Store.openPlaintext(file("plain.db")).close()
        assertEquals("NotFound", failure { Store.open(file("lost.db"), storageKey, mustExist = true) })
        assertEquals("NotFound", failure { Store.openPlaintext(file("lost.db"), restored = true) })
        assertFalse(File(file("lost.db")).exists())
    }

    // A closed store would stay usable, or closing twice would stop an app that cleans up.
    @Test
    fun closed() {
        val store = Store.open()
        store.close()
        store.close()
        assertEquals("Handle", failure { store.identity() })
        assertEquals("Handle", failure { store.addPrekeys(1) })
        assertEquals("Handle", failure { store.session(Pair.BOB).exists() })
    }

    // A store for an account that exists elsewhere would get a new identity.
    @Test
    fun importedIdentity() {
        Store.open(makingIdentity = false).use { store ->
            assertEquals("NoIdentity", failure { store.identity() })
            assertEquals("NoIdentity", failure { store.account() })
            val key = ByteArray(32) { (it + 1).toByte() }
            Account(key, 5).use { account ->
                store.importIdentity(account)
                store.importIdentity(account)
                assertArrayEquals(account.identity().publicKey, store.identity().publicKey)
                store.account().use { assertArrayEquals(account.identity().publicKey, it.identity().publicKey) }
            }
            Account(ByteArray(32) { (it + 2).toByte() }, 5).use {
                assertEquals("Conflict", failure { store.importIdentity(it) })
            }
            assertEquals(5L, store.identity().registrationId)
            assertEquals("KeyLength", failure { Account(ByteArray(3), 5) })
            PrivateKey(key).use { private ->
                store.importPrekey(9, private)
                PrivateKey(ByteArray(32) { 9 }).use { assertEquals("Conflict", failure { store.importPrekey(9, it) }) }
                assertEquals("Argument", failure { store.importPrekey(0, private) })
                store.importSignedPrekey(77, private)
            }
            val bundle = store.takeBundle()
            assertEquals(77L, bundle.signedPrekeyId)
            assertTrue(bundle.prekeyId != 0L && bundle.prekeyId != 9L)
            assertEquals(1, store.prekeysLeft())
        }
    }

    // After a crash prekeys would never be uploaded, or be uploaded twice.
    @Test
    fun prekeys() {
        Store.open().use { store ->
            assertEquals(0, store.addPrekeys(0).size)
            assertEquals("Argument", failure { store.addPrekeys(-1) })
            assertEquals("Argument", failure { store.addPrekeys(4097) })
            val made = store.addPrekeys(3)
            assertEquals(made.map { it.id }, store.unpublished().map { it.id })
            assertEquals(made.map { hexadecimal(it.publicKey) }, store.unpublished().map { hexadecimal(it.publicKey) })
            assertEquals("NotFound", failure { store.published(listOf(made[2].id, 9_999_999)) })
            assertEquals("Argument", failure { store.published(listOf(made[2].id, 0)) })
            assertEquals("Argument", failure { store.published(listOf(made[2].id, -1)) })
            assertEquals(3, store.unpublished().size)
            store.published(made.take(2).map { it.id })
            assertEquals(listOf(made[2].id), store.unpublished().map { it.id })
            assertEquals(2, store.prekeysLeft())
        }
    }

    // The server would have another signed prekey than the app, and no peer could call it.
    @Test
    fun signedPrekey() {
        Store.open().use { store ->
            assertEquals("NotFound", failure { store.signedPrekey() })
            val bundle = store.takeBundle()
            val (first, since) = store.signedPrekey()
            assertEquals(bundle.signedPrekeyId, first.id)
            assertArrayEquals(bundle.signedPrekey, first.publicKey)
            assertTrue(Math.abs(since - System.currentTimeMillis() / 1000) < 60)
            val rotated = store.rotateSignedPrekey()
            assertEquals(64, rotated.signature.size)
            assertNotEquals(first.id, rotated.id)
            assertEquals(rotated.id, store.signedPrekey().prekey.id)
        }
    }

    // The old storage key would still open the file, or a restored backup would seal with keys that were used since.
    @Test
    fun copied() {
        Store.open().use { peer ->
            Store.open(file(), storageKey).use { store ->
                store.session(Pair.BOB).begin(peer.takeBundle())
                store.copyTo(file("copy.db"))
                assertEquals("Conflict", failure { store.copyTo(file("copy.db")) })
                assertEquals("KeyLength", failure { store.changeKey(StorageKey(ByteArray(31))) })
                store.changeKey(StorageKey(ByteArray(32) { 9 }))
            }
            assertEquals("StoreKey", failure { Store.open(file(), storageKey) })
            Store.open(file(), StorageKey(ByteArray(32) { 9 })).close()
            assertEquals("Argument", failure { peer.copyTo(file("memory.db")) })
            Store.open(file("copy.db"), storageKey, restored = true).use { copy ->
                assertTrue(copy.sessionInfo(Pair.BOB).isStale)
                CallKey.generate().use { key ->
                    assertEquals("NoSession", failure { copy.sealEnc(key, Pair.BOB) })
                    copy.session(Pair.BOB).begin(peer.takeBundle())
                    copy.sealEnc(key, Pair.BOB)
                }
            }
        }
    }

    // A peer's two names would be two sessions, or a new owner of a number would read the old one's calls.
    @Test
    fun aliases() {
        Pair().use { pair ->
            val phone = "4915550002@s.whatsapp.net"
            pair.caller.alias(phone, Pair.BOB)
            assertTrue(pair.caller.session(phone).exists())
            assertEquals(listOf(phone), pair.caller.aliases())
            assertEquals("Conflict", failure { pair.caller.alias(Pair.BOB, phone) })
            pair.caller.unalias(phone)
            assertFalse(pair.caller.session(phone).exists())
            // A device of its own with another identity.
            Store.open().use { other ->
                pair.caller.session(phone).begin(other.takeBundle())
                val error = assertThrows(CallKeyException.UntrustedIdentity::class.java) {
                    pair.caller.alias(phone, Pair.BOB)
                }
                assertEquals(Pair.BOB, error.jid)
                assertArrayEquals(other.identity().publicKey, error.identityKey)
            }
        }
    }

    // What a user asked to forget would stay.
    @Test
    fun house() {
        Pair().use { pair ->
            val store = pair.caller
            assertEquals(listOf(Pair.BOB), store.sessions())
            assertEquals(listOf(Pair.BOB), store.identities("222222222222222@lid"))
            assertEquals(emptyList<String>(), store.sessions("333@lid"))
            assertEquals("Argument", failure { store.sessions("222222222222222:1@lid") })
            val info = store.sessionInfo(Pair.BOB)
            assertTrue(info.canSeal && info.isUnacknowledged && !info.isStale)
            assertTrue(Math.abs(info.begun - System.currentTimeMillis() / 1000) < 60)
            assertArrayEquals(pair.callee.identity().publicKey, info.identityKey)
            assertEquals(pair.callee.identity().registrationId, info.registrationId)
            store.removeIdentity(Pair.BOB)
            assertEquals(emptyList<String>(), store.identities())
            CallKey.generate().use { assertEquals("UntrustedIdentity", failure { store.sealEnc(it, Pair.BOB) }) }
            store.removeUser("222222222222222@lid")
            assertEquals("NoSession", failure { store.sessionInfo(Pair.BOB) })
            assertEquals("NotFound", failure { store.identityKey(Pair.BOB) })
        }
    }

    // A session could not move to another program, or it would be damaged on the way.
    @Test
    fun moved() {
        Pair().use { pair ->
            val session = pair.caller.session(Pair.BOB)
            session.export().use { record ->
                session.remove()
                assertFalse(session.exists())
                session.restore(record)
                assertTrue(session.exists())
            }
            assertEquals("NoSession", failure { pair.caller.session(Pair.ALICE).export() })
            Record(byteArrayOf(1, 2, 3)).use { assertEquals("Malformed", failure { session.restore(it) }) }
            Store.open().use { other ->
                other.session(Pair.BOB).begin(pair.callee.takeBundle())
                Pair().use { foreign ->
                    foreign.caller.session(Pair.BOB).export().use { record ->
                        val error = assertThrows(CallKeyException.UntrustedIdentity::class.java) {
                            other.session(Pair.BOB).restore(record)
                        }
                        assertArrayEquals(foreign.callee.identity().publicKey, error.identityKey)
                    }
                }
            }
        }
    }

    // An app would trust whoever answers, or could never talk to a reinstalled peer.
    @Test
    fun untrusted() {
        Pair().use { pair ->
            Store.open().use { reinstalled ->
                val error = assertThrows(CallKeyException.UntrustedIdentity::class.java) {
                    pair.caller.session(Pair.BOB).begin(reinstalled.takeBundle())
                }
                assertEquals(Pair.BOB, error.jid)
                assertArrayEquals(reinstalled.identity().publicKey, error.identityKey)
                assertEquals("Argument", failure { pair.caller.trust(Pair.BOB, ByteArray(31)) })
                assertEquals("InvalidKey", failure { pair.caller.trust(Pair.BOB, ByteArray(32)) })
                pair.caller.trust(Pair.BOB, error.identityKey!!)
                pair.caller.session(Pair.BOB).begin(reinstalled.takeBundle())
                assertArrayEquals(error.identityKey, pair.caller.identityKey(Pair.BOB))
            }
        }
    }
}
