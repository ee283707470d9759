package callkey

import java.nio.ByteBuffer

/**
 * The private key of a prekey, 32 bytes. A program that keeps its sessions itself stores it under the prekey's id.
 */
public class PrivateKey internal constructor(bytes: SecretBytes) : Secret(bytes, "private key") {
    /**
     * A private key from storage, which is copied.
     *
     * @throws CallKeyException.KeyLength unless it is 32 bytes.
     */
    public constructor(bytes: ByteArray) : this(secretOf(bytes, Sizes.PRIVATE_KEY, "a private key"))

    /** As the [CallKey] of a buffer. */
    public constructor(bytes: ByteBuffer) : this(secretOf(bytes, Sizes.PRIVATE_KEY, "a private key"))
}
