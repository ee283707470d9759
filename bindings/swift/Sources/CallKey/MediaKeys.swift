/// All keys of one direction: what ``participant`` sends.
@frozen public struct MediaKeys: ~Copyable, Sendable {
    /// Its id in the derivations.
    public let participant: String
    /// The SRTP and the SRTCP keys.
    public let srtp: SRTPKeys
    public let sframe: SFrameKey
}
