package callkey

/** The result of [Store.openOffer]: the call key, and the stanza's information about the call. */
public class OpenedOffer internal constructor(
    public val key: CallKey,
    public val info: OfferInfo,
) : AutoCloseable {
    public operator fun component1(): CallKey = key

    public operator fun component2(): OfferInfo = info

    /** Closes the key. */
    override fun close(): Unit = key.close()
}
