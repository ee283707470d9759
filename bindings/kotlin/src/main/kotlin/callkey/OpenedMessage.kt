package callkey

/** Commit the record before the plaintext is used. */
public class OpenedMessage internal constructor(
    public val plaintext: Plaintext,
    /**
     * The identity key that the message is from, 32 bytes. At first contact trust it for the device, in the same
     * commit.
     */
    public val identity: ByteArray,
    public val record: Record,
) : AutoCloseable {
    /** Closes the plaintext and the record. */
    override fun close() {
        plaintext.close()
        record.close()
    }
}
