package callkey

/** An opened media frame. */
public class OpenedFrame internal constructor(
    public val payload: ByteArray,
    /** 64 bits without a sign. Authentic: detect a replayed frame by it. */
    public val counter: Long,
    /** 64 bits without a sign. Not authentic: nothing covers it. */
    public val keyId: Long,
)
