import CCallKey

/// What a stanza says about its call; "" and 0 where it says nothing.
public struct OfferInfo: Sendable, Hashable {
    /// Of `<encopt>`; 0: none.
    public let keygen: UInt32
    public let encType: EncType
    /// `v` of `<enc>`: 2 or 3.
    public let encVersion: UInt32
    public let isVideo: Bool
    public let isGroup: Bool
    /// The ciphertext came in an `<accept>`.
    public let isAccept: Bool
    /// Of `<enc_rekey>` only, else 0.
    public let transactionID: UInt32
    public let callID: String
    public let callCreator: String
    public let sender: String

    init(_ c: callkey_offer_info) {
        keygen = c.keygen
        encType = EncType(rawValue: c.enc_type) ?? .none
        encVersion = c.enc_version
        isVideo = c.flags & UInt32(CALLKEY_INFO_VIDEO) != 0
        isGroup = c.flags & UInt32(CALLKEY_INFO_GROUP) != 0
        isAccept = c.flags & UInt32(CALLKEY_INFO_ACCEPT) != 0
        transactionID = c.transaction_id
        callID = text(of: c.call_id)
        callCreator = text(of: c.call_creator)
        sender = text(of: c.sender)
    }
}
