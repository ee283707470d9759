import CCallKey

/// What a pkmsg says of the session that it begins. Nothing of it is authenticated.
public struct MessageInfo: Sendable, Hashable {
    /// The one-time prekey of ours that it was sealed for; 0: none.
    public let prekeyID: UInt32
    /// The signed prekey of ours that it was sealed for.
    public let signedPrekeyID: UInt32
    /// The sender's.
    public let registrationID: UInt32
    /// The sender's: raw X25519, 32 bytes, without the type byte 05.
    public let identityKey: [UInt8]
    /// Of the session, 32 bytes. Without a one-time prekey the message could begin a session twice: remember the signed
    /// prekey's id and this key in the commit that stores its record, until the signed prekey is deleted. For a remembered
    /// pair pass no signed prekey to ``Record``'s `open`: then it opens in the session that it began, and begins no other.
    public let baseKey: [UInt8]

    /// What a pkmsg says before it is opened; nil for a msg, which needs no prekeys.
    ///
    /// - Throws: ``CallKeyError/malformed(_:)``, also for a ciphertext of the other type, and
    ///   ``CallKeyError/unsupported(_:)``.
    public init?(parsing ciphertext: [UInt8], type: EncType) throws(CallKeyError) {
        var c = callkey_message_info()
        c.struct_size = MemoryLayout<callkey_message_info>.size
        try withBytes(optional: ciphertext) { bytes, count throws(CallKeyError) in
            try check(callkey_message_parse(&c, type.rawValue, bytes, count))
        }
        guard type == .pkmsg else { return nil }
        prekeyID = c.prekey_id
        signedPrekeyID = c.signed_prekey_id
        registrationID = c.registration_id
        identityKey = bytes(of: c.identity_key)
        baseKey = bytes(of: c.base_key)
    }
}
