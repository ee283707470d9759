import CCallKey

/// What a session with a device is like. Nothing in it is secret.
public struct SessionInfo: Sendable, Hashable {
    /// The device's.
    public let registrationID: UInt32
    /// The device's: raw X25519, 32 bytes, without the type byte 05.
    public let identityKey: [UInt8]
    /// Unix seconds while the session is unacknowledged; then 0, because no record keeps it.
    public let begun: UInt64
    /// As ``Session/exists()``.
    public let canSeal: Bool
    /// The device has not answered yet, so it gets pkmsg.
    public let isUnacknowledged: Bool
    /// From an old copy of the store: it opens messages and seals none.
    public let isStale: Bool
    /// The number of earlier sessions that still open messages.
    public let archived: Int
    /// The number of keys of skipped messages, in all sessions.
    public let keptKeys: Int

    init(_ c: callkey_session_info) {
        registrationID = c.registration_id
        identityKey = bytes(of: c.identity_key)
        begun = c.begun
        canSeal = c.flags & UInt32(CALLKEY_SESSION_CAN_SEAL) != 0
        isUnacknowledged = c.flags & UInt32(CALLKEY_SESSION_UNACKNOWLEDGED) != 0
        isStale = c.flags & UInt32(CALLKEY_SESSION_STALE) != 0
        archived = Int(c.archived)
        keptKeys = Int(c.kept_keys)
    }
}
