package callkey

import java.nio.ByteBuffer
import java.nio.ByteOrder

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

    /** Calls [body] with the library's struct: registration id, reserved, private key. It is wiped afterwards. */
    internal inline fun <R> lendStruct(body: (ByteBuffer) -> R): R {
        val struct = SecretBytes.filled(BYTES) { out ->
            val to = out.duplicate().order(ByteOrder.nativeOrder())
            to.putInt(registrationId.toInt()).putInt(0)
            bytes.lend { to.put(it.duplicate()) }
        }
        try {
            return struct.lend(body)
        } finally {
            struct.close()
        }
    }

    /**
     * The public part.
     *
     * @throws CallKeyException.InvalidKey if the private key is 32 zero bytes.
     */
    public fun identity(): Identity = Identity.of(lendStruct { native.accountIdentity(it) })

    /** A signature of a message, 64 bytes (XEdDSA). It is random: each call makes another one. */
    public fun sign(message: ByteArray): ByteArray = lendStruct { native.accountSign(it, message) }

    /**
     * Makes a signed prekey. Make a new one once a month or more often; delete the old one 30 days after that, with the
     * base keys that were used with it: see [MessageInfo].
     *
     * @param id 1 to 16777215.
     */
    public fun signedPrekey(id: Long): OwnSignedPrekey {
        val key = SecretBytes(Sizes.PRIVATE_KEY)
        try {
            val published = lendStruct { account ->
                key.lend { native.signedPrekeyGenerate(it, account, u32(id, "id")) }
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

        /** The size of the library's struct: 2 numbers and a key. */
        internal const val BYTES = 2 * 4 + Sizes.PRIVATE_KEY

        /** [write] fills the library's struct. */
        internal inline fun filled(write: (ByteBuffer) -> Unit): Account {
            val struct = SecretBytes.filled(BYTES, write)
            try {
                return struct.lend { all ->
                    val id = number(all.duplicate().order(ByteOrder.nativeOrder()))
                    Account(SecretBytes.copyOf(part(all, BYTES - Sizes.PRIVATE_KEY, BYTES)), id)
                }
            } finally {
                struct.close()
            }
        }
    }
}
