package callkey

/** Commit the record before the ciphertext leaves. */
public class SealedMessage internal constructor(
    public val ciphertext: Ciphertext,
    public val record: Record,
) : AutoCloseable {
    public operator fun component1(): Ciphertext = ciphertext

    public operator fun component2(): Record = record

    /** Closes the record. */
    override fun close(): Unit = record.close()
}
