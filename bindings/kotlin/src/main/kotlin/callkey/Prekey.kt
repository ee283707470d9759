package callkey

import java.nio.ByteBuffer

/** A one-time prekey to publish. */
public class Prekey private constructor(
    /** 1 to 16777215. */
    public val id: Long,
    /** Raw X25519, 32 bytes. */
    public val publicKey: ByteArray,
) {
    public companion object {
        /**
         * Makes a one-time prekey, for a program that keeps its sessions itself.
         *
         * @param id 1 to 16777215.
         */
        @JvmStatic
        public fun generate(id: Long): OwnPrekey {
            val key = SecretBytes(Sizes.PRIVATE_KEY)
            try {
                val published = key.lend { native.prekeyGenerate(it, u32(id, "id")) }
                return OwnPrekey(of(struct(published)), PrivateKey(key))
            } catch (e: CallKeyException) {
                key.close()
                throw e
            }
        }

        internal fun of(from: ByteBuffer): Prekey = Prekey(number(from), bytes(from, Sizes.PUBLIC_KEY))

        internal fun list(structs: ByteArray): List<Prekey> {
            val from = struct(structs)
            val all = ArrayList<Prekey>()
            while (from.hasRemaining()) all.add(of(from))
            return all
        }
    }
}
