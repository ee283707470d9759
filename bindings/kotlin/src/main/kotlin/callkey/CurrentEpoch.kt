package callkey

/** The epoch in force, and its number. */
public class CurrentEpoch internal constructor(
    public val epoch: Epoch,
    public val transactionId: Long,
) : AutoCloseable {
    public operator fun component1(): Epoch = epoch

    public operator fun component2(): Long = transactionId

    /** Closes the epoch. */
    override fun close(): Unit = epoch.close()
}
