/// What ``Store/openOffer(_:own:sender:)`` gives: the call key, and what the stanza says about the call.
@frozen public struct OpenedOffer: ~Copyable, Sendable {
    public let key: CallKey
    public let info: OfferInfo
}
