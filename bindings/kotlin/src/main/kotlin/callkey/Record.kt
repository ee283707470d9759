package callkey

import java.nio.ByteBuffer

/**
 * All sessions with one device, in Signal's storage protobuf: what [Session.export] gives, and what a program keeps
 * that has its sessions in a database of its own. It is secret, because it has the root and chain keys.
 *
 * A record never changes: each method returns the next one, which replaces it. Two results of one record are both
 * valid, and only one may be committed: hold a lock on the device's row from reading to the commit. Commit the record
 * before the ciphertext leaves, or the plaintext is used. No method waits for anything: no lock, no disk.
 *
 * `identity` is the identity key that the program trusts for the device, 32 bytes; null: it knows none yet. `now` is in
 * Unix seconds. Any method may throw [CallKeyException.Malformed] (the bytes are no record),
 * [CallKeyException.Unsupported] (a session of a newer kind) and [CallKeyException.Argument].
 */
public class Record internal constructor(bytes: SecretBytes) : Secret(bytes, "session record") {
    /**
     * A record from storage, which is copied; no bytes if there is none for the device. The methods and
     * [Session.restore] check it.
     */
    public constructor(bytes: ByteArray) : this(SecretBytes.copyOf(bytes))

    /** The same from a buffer, whose bytes from its position to its limit are copied and never touch the heap. */
    public constructor(bytes: ByteBuffer) : this(SecretBytes.copyOf(bytes))

    /**
     * Begins a session from the bundle that the device published (X3DH). Earlier sessions still open messages; those of
     * the new one are pkmsg until the device answers. At first contact trust the bundle's identity key for the device
     * from now on, in the same commit.
     *
     * @throws CallKeyException.InvalidKey for a bad key or signature.
     * @throws CallKeyException.UntrustedIdentity if [identity] is not the bundle's.
     */
    public fun begin(bundle: PrekeyBundle, account: Account, identity: ByteArray?, now: Long): Record =
        presenting(identity, bundle.identityKey) {
            checkIdentity(identity)
            val next = bytes.lend { record ->
                account.lendStruct {
                    native.recordBegin(record, recordKeys(it, identity, null, null), bundle.struct(), now)
                }
            }
            Record(SecretBytes(next))
        }

    /**
     * Encrypts any message for the device, at most 2^24 bytes. The program pads it; a [Plaintext] of a call key is
     * padded.
     *
     * @throws CallKeyException.NoSession see [begin].
     * @throws CallKeyException.UntrustedIdentity also without an identity.
     */
    public fun seal(plaintext: Secret, identity: ByteArray?, now: Long): SealedMessage =
        plaintext.bytes.lend { seal(it, identity, now) }

    /** Encrypts bytes that are no secret of this package. Otherwise like the `seal` of one. */
    public fun seal(plaintext: ByteArray, identity: ByteArray?, now: Long): SealedMessage =
        lendCopy(plaintext) { seal(it, identity, now) }

    private fun seal(plaintext: ByteBuffer, identity: ByteArray?, now: Long): SealedMessage = presenting(identity) {
        checkIdentity(identity)
        val type = IntArray(1)
        val (next, ciphertext) = bytes.lend {
            native.recordSeal(type, it, recordKeys(null, identity, null, null), plaintext, now)
        }
        SealedMessage(
            Ciphertext(EncType.of(type[0]), ciphertext as ByteArray),
            Record(SecretBytes(next as ByteBuffer)),
        )
    }

    /**
     * Decrypts a message of a session that the record has.
     *
     * @throws CallKeyException which is one of Authentication, Duplicate, TooFar, NoSession, NoIdentity (for a pkmsg
     *   that begins a session), UntrustedIdentity (also for a msg without an identity) and InvalidKey.
     */
    public fun open(ciphertext: Ciphertext, identity: ByteArray?, now: Long): OpenedMessage =
        opened(ciphertext, identity, null, null, null, now)

    /**
     * Decrypts a message of the device, also a pkmsg that begins a session. Pass no prekeys first.
     * [CallKeyException.NoPrekey] says that the message begins a session, and only then do the ids of a pkmsg count:
     * fetch the private keys that [MessageInfo] tells, and open it again. In the commit that stores the record, delete
     * the one-time prekey, or without one remember the base key.
     *
     * @throws CallKeyException as the other `open`.
     * @throws CallKeyException.NoPrekey if a prekey that the message names is null.
     */
    public fun open(
        ciphertext: Ciphertext,
        identity: ByteArray?,
        account: Account,
        prekey: PrivateKey?,
        signedPrekey: PrivateKey?,
        now: Long,
    ): OpenedMessage = account.lendStruct { own ->
        lent(prekey) { first ->
            lent(signedPrekey) { second -> opened(ciphertext, identity, own, first, second, now) }
        }
    }

    private fun opened(
        ciphertext: Ciphertext,
        identity: ByteArray?,
        account: ByteBuffer?,
        prekey: ByteBuffer?,
        signedPrekey: ByteBuffer?,
        now: Long,
    ): OpenedMessage = presenting(identity, message = ciphertext) {
        checkIdentity(identity)
        val sender = ByteArray(Sizes.PUBLIC_KEY)
        val (next, plaintext) = bytes.lend {
            native.recordOpen(
                sender, it, recordKeys(account, identity, prekey, signedPrekey), ciphertext.type.number,
                ciphertext.content, now,
            )
        }
        OpenedMessage(
            Plaintext(SecretBytes(plaintext as ByteBuffer)), sender, Record(SecretBytes(next as ByteBuffer)),
        )
    }

    /**
     * What the record is like; it can't seal without an identity.
     *
     * @throws CallKeyException.NoSession if it is empty.
     */
    public fun info(identity: ByteArray?, now: Long): SessionInfo {
        checkIdentity(identity)
        return SessionInfo.of(bytes.lend { native.recordInfo(it, identity, now) })
    }

    /**
     * One record of two of one device: when two of its names turn out to be one. Where both have the same session, the
     * one that is further along stays. A record of another program, the storage protobuf or the JSON of the Go Signal
     * library, is taken over by merging it with an empty one: that checks its keys.
     *
     * @throws CallKeyException.InvalidKey for a bad key.
     * @throws CallKeyException.Conflict for records of different identities.
     */
    public fun merge(other: Record): Record =
        Record(SecretBytes(bytes.lend { record -> other.bytes.lend { native.recordMerge(record, it) } }))

    private fun checkIdentity(identity: ByteArray?) {
        if (identity != null && identity.size != Sizes.PUBLIC_KEY) {
            throw CallKeyException.Argument("identity is ${identity.size} bytes, not ${Sizes.PUBLIC_KEY}")
        }
    }
}

private inline fun <R> lent(key: PrivateKey?, body: (ByteBuffer?) -> R): R =
    if (key == null) body(null) else key.bytes.lend(body)
