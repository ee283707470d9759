/// The result of ``Store/openOffer(_:own:sender:)``: the call key, and the stanza's information about
/// the call.
@frozen public struct OpenedOffer: ~Copyable, Sendable {
    public let key: CallKey
    public let info: OfferInfo
}
