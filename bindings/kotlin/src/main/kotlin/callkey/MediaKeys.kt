package callkey

/** All keys of one direction: the streams that [participant] sends. */
public class MediaKeys internal constructor(
    /** Its id in the derivations. */
    public val participant: String,
    /** The SRTP and SRTCP keys. */
    public val srtp: SRTPKeys,
    public val sframe: SFrameKey,
) : AutoCloseable {
    /** Closes the keys. */
    override fun close() {
        srtp.close()
        sframe.close()
    }
}
