package callkey

import java.nio.ByteBuffer

/**
 * A device's own private identity key, 32 bytes, and its registration id: for a program that keeps its sessions itself,
 * and to move a store's account. See [Store.account] and [Store.importIdentity].
 */
public class Account internal constructor(
    bytes: SecretBytes,
    /** 1 to 16380 if the library made it. */
    public val registrationId: Long,
) : Secret(bytes, "account") {
    /**
     * An account from storage; the private key is copied.
     *
     * @throws CallKeyException.KeyLength unless it is 32 bytes.
     */
    public constructor(privateKey: ByteArray, registrationId: Long) :
        this(secretOf(privateKey, Sizes.PRIVATE_KEY, "a private key"), checked(registrationId))

    /** The same from a buffer, as the [CallKey] of one. */
    public constructor(privateKey: ByteBuffer, registrationId: Long) :
        this(secretOf(privateKey, Sizes.PRIVATE_KEY, "a private key"), checked(registrationId))

    internal val id: Int get() = registrationId.toInt()

    /**
     * The public part.
     *
     * @throws CallKeyException.InvalidKey if the private key is 32 zero bytes.
     */
    public fun identity(): Identity = Identity.of(bytes.lend { native.accountIdentity(it, id) })

    /** A signature of a message, 64 bytes (XEdDSA). It is random: each call makes another one. */
    public fun sign(message: ByteArray): ByteArray = bytes.lend { native.accountSign(it, id, message) }

    /**
     * Makes a signed prekey. Make a new one once a month or more often; delete the old one 30 days after that, with the
     * base keys that were used with it: see [MessageInfo].
     *
     * @param id 1 to 16777215.
     */
    public fun signedPrekey(id: Long): OwnSignedPrekey {
        val key = SecretBytes(Sizes.PRIVATE_KEY)
        try {
            val published = bytes.lend { account ->
                key.lend { native.signedPrekeyGenerate(it, account, this.id, u32(id, "id")) }
            }
            return OwnSignedPrekey(SignedPrekey.of(published), PrivateKey(key))
        } catch (e: RuntimeException) {
            key.close()
            throw e
        }
    }

    public companion object {
        /** A new identity. Store its bytes and its registration id; both make it again. */
        @JvmStatic
        public fun generate(): Account = filled { native.accountGenerate(it) }

        private fun checked(registrationId: Long): Long = registrationId.also { u32(it, "registrationId") }

        /** [write] fills the private key and returns the registration id. */
        internal inline fun filled(write: (ByteBuffer) -> Int): Account {
            var id = 0
            val key = SecretBytes.filled(Sizes.PRIVATE_KEY) { id = write(it) }
            return Account(key, id.unsigned())
        }
    }
}
