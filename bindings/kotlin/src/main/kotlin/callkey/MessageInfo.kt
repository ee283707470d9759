package callkey

/** What a pkmsg says of the session that it begins. Nothing of it is authenticated. */
public class MessageInfo private constructor(
    /** The one-time prekey of ours that it was sealed for; 0: none. */
    public val prekeyId: Long,
    /** The signed prekey of ours that it was sealed for. */
    public val signedPrekeyId: Long,
    /** The sender's. */
    public val registrationId: Long,
    /** The sender's: raw X25519, 32 bytes, without the type byte 05. */
    public val identityKey: ByteArray,
    /**
     * Of the session, 32 bytes. Without a one-time prekey the message could begin a session twice: remember the signed
     * prekey's id and this key in the commit that stores its record, until the signed prekey is deleted. For a
     * remembered pair pass no signed prekey to [Record.open]: then it opens in the session that it began, and begins no
     * other.
     */
    public val baseKey: ByteArray,
) {
    public companion object {
        /**
         * What a pkmsg says before it is opened; null for a msg, which needs no prekeys.
         *
         * @throws CallKeyException.Malformed also for a message of the other type.
         * @throws CallKeyException.Unsupported for a version that this library does not know.
         */
        @JvmStatic
        public fun parse(content: ByteArray, type: EncType): MessageInfo? {
            val from = struct(native.messageParse(type.number, content))
            if (type != EncType.PKMSG) return null
            val prekeyId = number(from)
            val signedPrekeyId = number(from)
            val registrationId = number(from)
            from.int // reserved
            return MessageInfo(
                prekeyId, signedPrekeyId, registrationId,
                identityKey = bytes(from, Sizes.PUBLIC_KEY), baseKey = bytes(from, Sizes.PUBLIC_KEY),
            )
        }
    }
}
