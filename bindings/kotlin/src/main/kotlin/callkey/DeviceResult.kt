package callkey

/** The result for one device of an offer or a batch: sealed or begun, or skipped with the reason. */
public class DeviceResult internal constructor(
    public val jid: String,
    /** [EncType.NONE] for a device that was skipped, and where the stanza says it. */
    public val encType: EncType,
    /** Why the device was skipped, with its JID and the reason in this case; null if it was not. */
    public val error: CallKeyException?,
) {
    public val isSealed: Boolean get() = error == null

    override fun toString(): String = error?.toString() ?: "$jid: $encType"
}
