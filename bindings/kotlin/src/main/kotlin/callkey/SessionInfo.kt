package callkey

/** What a session with a device is like. Nothing in it is secret. */
public class SessionInfo private constructor(
    /** The device's. */
    public val registrationId: Long,
    /** The device's: raw X25519, 32 bytes, without the type byte 05. */
    public val identityKey: ByteArray,
    /** Unix seconds while the session is unacknowledged; then 0, because no record keeps it. */
    public val begun: Long,
    flags: Int,
    /** The number of earlier sessions that still open messages. */
    public val archived: Int,
    /** The number of keys of skipped messages, in all sessions. */
    public val keptKeys: Int,
) {
    /** As [Session.exists]. */
    public val canSeal: Boolean = flags and Header.SESSION_CAN_SEAL != 0

    /** The device has not answered yet, so it gets pkmsg. */
    public val isUnacknowledged: Boolean = flags and Header.SESSION_UNACKNOWLEDGED != 0

    /** From an old copy of the store: it opens messages and seals none. */
    public val isStale: Boolean = flags and Header.SESSION_STALE != 0

    internal companion object {
        fun of(struct: ByteArray): SessionInfo {
            val from = struct(struct)
            val registrationId = number(from)
            val begun = from.long
            val flags = from.int
            val archived = from.int
            val keptKeys = from.int
            from.int // reserved
            return SessionInfo(registrationId, bytes(from, Sizes.PUBLIC_KEY), begun, flags, archived, keptKeys)
        }
    }
}
