package callkey

/** The result of [Store.openRekey]: a group's epoch, and the stanza's information about it. */
public class OpenedRekey internal constructor(
    public val epoch: Epoch,
    /** Its transaction id is the epoch's number. */
    public val info: OfferInfo,
) : AutoCloseable {
    public operator fun component1(): Epoch = epoch

    public operator fun component2(): OfferInfo = info

    /** Closes the epoch. */
    override fun close(): Unit = epoch.close()
}
