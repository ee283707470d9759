package callkey

/** A one-time prekey of a program that keeps its sessions itself. */
public class OwnPrekey internal constructor(
    public val published: Prekey,
    /** Delete it in the commit that stores the record of the message that used it. */
    public val privateKey: PrivateKey,
) : AutoCloseable {
    /** Closes the private key. */
    override fun close(): Unit = privateKey.close()
}
