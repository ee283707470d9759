/// One secret of a group call, 32 bytes, in force until the next.
///
/// The media keys of every participant are derived from it: call ``e2eKeys(of:)`` with your own JID to send,
/// with each sender's to receive. Generate a fresh one for every number.
public struct Epoch: ~Copyable, Secret {
    public static let noun = "epoch"

    /// The same derivations from the same kind of bytes.
    let key: CallKey

    init(owning secret: consuming SecretBytes) { key = CallKey(owning: secret) }

    private init(_ key: consuming CallKey) { self.key = key }

    /// An epoch from existing bytes, which are copied.
    ///
    /// - Throws: ``CallKeyError/keyLength(_:)`` unless it is exactly 32 bytes.
    public init(bytes: some Collection<UInt8>) throws(CallKeyError) { self.init(try CallKey(bytes: bytes)) }

    /// An epoch from base64, as ``CallKey/init(base64:)``.
    public init(base64 text: String) throws(CallKeyError) { self.init(try CallKey(base64: text)) }

    /// An epoch from the operating system's random source.
    public static func generate() throws(CallKeyError) -> Epoch { Epoch(try CallKey.generate()) }

    public func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try key.withUnsafeBytes(body)
    }

    /// As ``CallKey/fingerprint``.
    public var fingerprint: String {
        get throws(CallKeyError) { try key.fingerprint }
    }

    /// As ``CallKey/e2eKeys(of:)``.
    public func e2eKeys(of participant: String) throws(CallKeyError) -> SRTPKeys { try key.e2eKeys(of: participant) }

    /// As ``CallKey/e2eKeysBatch(of:)``.
    public func e2eKeysBatch(of participants: [String]) throws(CallKeyError) -> SRTPKeysBatch {
        try key.e2eKeysBatch(of: participants)
    }

    /// As ``CallKey/sframeKey(of:)``. No source says whether a group call's SFrame keys come from its epoch.
    public func sframeKey(of participant: String) throws(CallKeyError) -> SFrameKey {
        try key.sframeKey(of: participant)
    }

    /// As ``CallKey/selectParticipant(among:packet:roc:tagLength:)``; call it once per new
    /// SSRC.
    public func selectParticipant(
        among participants: [String], packet: some Collection<UInt8>, roc: UInt32 = 0, tagLength: UInt32 = 4
    ) throws(CallKeyError) -> Int {
        try key.selectParticipant(among: participants, packet: packet, roc: roc, tagLength: tagLength)
    }
}
