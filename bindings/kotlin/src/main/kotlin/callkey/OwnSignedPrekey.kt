package callkey

/** A signed prekey of a program that keeps its sessions itself. */
public class OwnSignedPrekey internal constructor(
    public val published: SignedPrekey,
    public val privateKey: PrivateKey,
) : AutoCloseable {
    /** Closes the private key. */
    override fun close(): Unit = privateKey.close()
}
