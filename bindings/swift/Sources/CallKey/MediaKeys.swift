/// All keys of one direction: the streams that ``participant`` sends.
@frozen public struct MediaKeys: ~Copyable, Sendable {
    /// Its id in the derivations.
    public let participant: String
    /// The SRTP and SRTCP keys.
    public let srtp: SRTPKeys
    public let sframe: SFrameKey
}
