package callkey

/** The public part of a device's own identity. Nothing in it is secret. */
public class Identity private constructor(
    /** 1 to 16380 if the library made it. */
    public val registrationId: Long,
    /** Raw X25519, 32 bytes, without the type byte 05. */
    public val publicKey: ByteArray,
) {
    internal companion object {
        fun of(struct: ByteArray): Identity {
            val from = struct(struct)
            return Identity(number(from), bytes(from, Sizes.PUBLIC_KEY))
        }
    }
}
