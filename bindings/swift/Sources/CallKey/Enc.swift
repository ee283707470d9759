import CCallKey

/// The `type` of an enc: pkmsg until the device has acknowledged the session, msg from then on.
public enum EncType: UInt32, Sendable, CustomStringConvertible {
    case none = 0
    case msg = 1
    case pkmsg = 2

    /// The type that a stanza names, "msg" or "pkmsg".
    ///
    /// - Throws: ``CallKeyError/unsupported(_:)`` for any other.
    public static func parse(_ text: String) throws(CallKeyError) -> EncType {
        switch text {
        case "msg": .msg
        case "pkmsg": .pkmsg
        default: throw .unsupported("enc type \(String(reflecting: text)) is not supported")
        }
    }

    /// As in the stanza; "none" is never written.
    public var description: String {
        switch self {
        case .none: "none"
        case .msg: "msg"
        case .pkmsg: "pkmsg"
        }
    }
}

/// One device's ciphertext, for an `<enc v="2" type="…" count="0">`.
public struct Enc: Sendable, Hashable {
    /// Its device.
    public var jid: String
    public var type: EncType
    public var ciphertext: [UInt8]

    public init(jid: String, type: EncType, ciphertext: [UInt8]) {
        self.jid = jid
        self.type = type
        self.ciphertext = ciphertext
    }
}
