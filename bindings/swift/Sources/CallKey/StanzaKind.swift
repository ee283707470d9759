/// The kind of a stanza. Only the first four carry a key.
public enum StanzaKind: UInt32, Sendable, CustomStringConvertible {
    /// A bare `<enc>` or `<destination>`.
    case none = 0
    case offer = 1
    case accept = 2
    /// An `<enc_rekey>`.
    case rekey = 3
    /// Another child of `<call>`, e.g. `<terminate>`.
    case other = 4

    /// The name of the case.
    public var description: String {
        switch self {
        case .none: "none"
        case .offer: "offer"
        case .accept: "accept"
        case .rekey: "rekey"
        case .other: "other"
        }
    }
}
