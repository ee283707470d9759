package callkey

/** A signed prekey to publish. */
public class SignedPrekey private constructor(
    /** 1 to 16777215. */
    public val id: Long,
    /** Raw X25519, 32 bytes. */
    public val publicKey: ByteArray,
    /** XEdDSA, 64 bytes, by the identity key over 05 and the public key. */
    public val signature: ByteArray,
) {
    internal companion object {
        fun of(struct: ByteArray): SignedPrekey {
            val from = struct(struct)
            return SignedPrekey(number(from), bytes(from, Sizes.PUBLIC_KEY), bytes(from, Sizes.SIGNATURE))
        }
    }
}
