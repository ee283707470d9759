package callkey

/** The signed prekey in use, and since when. */
public class PublishedSignedPrekey internal constructor(
    public val prekey: SignedPrekey,
    /** Unix seconds. */
    public val since: Long,
) {
    public operator fun component1(): SignedPrekey = prekey

    public operator fun component2(): Long = since
}
