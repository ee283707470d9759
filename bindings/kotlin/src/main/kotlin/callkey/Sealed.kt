package callkey

/** One device's part of a batch. */
public class Sealed internal constructor(
    public val jid: String,
    /** The type of a message; [EncType.NONE] for a stanza, which says it, and for a device that was skipped. */
    public val encType: EncType,
    /** The error for this device; null if something was sealed for it. */
    public val error: CallKeyException?,
    /** Its stanza or its ciphertext; none if it was skipped. */
    public val content: ByteArray,
) {
    public val isSealed: Boolean get() = error == null
}
