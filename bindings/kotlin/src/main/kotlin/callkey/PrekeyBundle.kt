package callkey

import java.nio.ByteBuffer
import java.nio.ByteOrder

/**
 * The keys that a device publishes so that others can begin a Signal session with it, as fetched from the server.
 * Nothing in it is secret.
 *
 * Only lengths are checked here; the keys themselves are checked when a session begins.
 *
 * @property identityKey raw X25519, 32 bytes, without the type byte 05.
 * @property signedPrekey 32 bytes.
 * @property signedPrekeySignature 64 bytes.
 * @property prekeyId 0: there is no one-time prekey.
 * @property prekey 32 bytes, or none if [prekeyId] is 0.
 * @throws CallKeyException.Malformed for a key or signature of another length.
 */
public class PrekeyBundle @JvmOverloads constructor(
    public val registrationId: Long,
    public val identityKey: ByteArray,
    public val signedPrekeyId: Long,
    public val signedPrekey: ByteArray,
    public val signedPrekeySignature: ByteArray,
    public val prekeyId: Long = 0,
    public val prekey: ByteArray = ByteArray(0),
) {
    init {
        length(identityKey, Sizes.PUBLIC_KEY, "identityKey")
        length(signedPrekey, Sizes.PUBLIC_KEY, "signedPrekey")
        length(signedPrekeySignature, Sizes.SIGNATURE, "signedPrekeySignature")
        length(prekey, if (prekeyId == 0L) 0 else Sizes.PUBLIC_KEY, "prekey")
        u32(registrationId, "registrationId")
        u32(signedPrekeyId, "signedPrekeyId")
        u32(prekeyId, "prekeyId")
    }

    private fun length(value: ByteArray, size: Int, name: String) {
        if (value.size != size) {
            throw CallKeyException.Malformed("$name of a prekey bundle is ${value.size} bytes, not $size")
        }
    }

    /** The library's struct, without its size. */
    internal fun struct(): ByteArray {
        val out = ByteBuffer.allocate(BYTES).order(ByteOrder.nativeOrder())
        out.putInt(registrationId.toInt()).putInt(prekeyId.toInt()).putInt(signedPrekeyId.toInt()).putInt(0)
        out.put(identityKey).put(prekey.copyOf(Sizes.PUBLIC_KEY)).put(signedPrekey).put(signedPrekeySignature)
        return out.array()
    }

    internal companion object {
        private const val BYTES = 4 * 4 + 3 * Sizes.PUBLIC_KEY + Sizes.SIGNATURE

        fun of(struct: ByteArray): PrekeyBundle {
            val from = struct(struct)
            val registrationId = number(from)
            val prekeyId = number(from)
            val signedPrekeyId = number(from)
            from.int // reserved
            val identityKey = bytes(from, Sizes.PUBLIC_KEY)
            val prekey = bytes(from, Sizes.PUBLIC_KEY)
            return PrekeyBundle(
                registrationId, identityKey, signedPrekeyId,
                signedPrekey = bytes(from, Sizes.PUBLIC_KEY), signedPrekeySignature = bytes(from, Sizes.SIGNATURE),
                prekeyId, if (prekeyId == 0L) ByteArray(0) else prekey,
            )
        }
    }
}
