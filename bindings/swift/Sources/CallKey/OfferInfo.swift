import CCallKey

/// The contents of a stanza about its call; "" and 0 for missing ones. A key that opened proves only the session of
/// ``sender``; an error proves nothing. A device's JID is spelled like its participant id, e.g. `user:0@lid`, whatever
/// the stanza has.
public struct OfferInfo: Sendable, Hashable {
    public let kind: StanzaKind
    /// Of `<encopt>`; 0: none that can be read.
    public let keygen: UInt32
    public let encType: EncType
    /// `v` of `<enc>`: 2 (also without `v`) or 3; 0 without an `<enc>`, or of an unknown version.
    public let encVersion: UInt32
    public let isVideo: Bool
    public let isGroup: Bool
    /// The stanza is an `<accept>`; without a key it names who answered.
    public let isAccept: Bool
    /// Of `<enc_rekey>` only, else 0.
    public let transactionID: UInt32
    public let callID: String
    /// The caller by the peer's word. Like ``from`` it is told as it came if it is not a device.
    public let callCreator: String
    /// `from` of `<call>`: the sender by the server's word, a device, a user or a
    /// group.
    public let from: String
    /// The device of the session that was, or would be, used; without a key, the device that sent the stanza, "" if
    /// none is named. After ``CallKeyError/conflict(_:)`` it is the device that the server names, "" if it names none.
    public internal(set) var sender: String
    /// The identity key in a pkmsg, 32 bytes. Unless the key was opened, anyone may have written it there.
    public let senderIdentity: [UInt8]?

    /// The library's struct, to fill.
    static var empty: callkey_call_info {
        var c = callkey_call_info()
        c.struct_size = MemoryLayout<callkey_call_info>.size
        return c
    }

    /// The stanza's contents if its key did not open; nil if it did not parse either.
    init?(ofFailure c: callkey_call_info) {
        let members = bytes(of: c).dropFirst(MemoryLayout.size(ofValue: c.struct_size))
        guard members.contains(where: { $0 != 0 }) else { return nil }
        self.init(c)
    }

    /// Of an enc outside of a stanza.
    init(ofEnc ciphertext: [UInt8], type: EncType, version: UInt32, sender: String) {
        let identity = (try? MessageInfo(parsing: ciphertext, type: type))?.identityKey
        self.init(Self.empty, encType: type, encVersion: version, sender: sender, senderIdentity: identity)
    }

    init(_ c: callkey_call_info) {
        let identity = bytes(of: c.sender_identity)
        self.init(
            c, encType: EncType(rawValue: c.enc_type) ?? .none, encVersion: c.enc_version, sender: text(of: c.sender),
            senderIdentity: identity.contains { $0 != 0 } ? identity : nil)
    }

    private init(
        _ c: callkey_call_info, encType: EncType, encVersion: UInt32, sender: String, senderIdentity: [UInt8]?
    ) {
        kind = StanzaKind(rawValue: c.kind) ?? .other
        keygen = c.keygen
        self.encType = encType
        self.encVersion = encVersion
        isVideo = c.flags & UInt32(CALLKEY_INFO_VIDEO) != 0
        isGroup = c.flags & UInt32(CALLKEY_INFO_GROUP) != 0
        isAccept = c.flags & UInt32(CALLKEY_INFO_ACCEPT) != 0
        transactionID = c.transaction_id
        callID = text(of: c.call_id)
        callCreator = text(of: c.call_creator)
        from = text(of: c.from)
        self.sender = sender
        self.senderIdentity = senderIdentity
    }
}
