import CCallKey

/// The nine SSRCs of a participant's streams.
public struct SSRCs: Sendable, Equatable {
    /// All nine, in stream order: audio, audio FEC, audio NACK, video, video FEC, video NACK, HBH-FEC,
    /// HBH-FEC, app data.
    public let all: [UInt32]

    /// Derives them. The call id enters byte for byte, its case kept.
    ///
    /// - Throws: ``CallKeyError/argument(_:)`` when the call id is empty or a text is over 127 bytes,
    ///   ``CallKeyError/participant(_:)`` when the participant is empty.
    public init(callID: String, participant: String) throws(CallKeyError) {
        var out = [UInt32](repeating: 0, count: Int(CALLKEY_SSRC_COUNT))
        try check(
            withText(callID, "callID") { callID throws(CallKeyError) in
                try withText(participant, "participant") { callkey_derive_ssrcs(&out, callID, $0) }
            })
        all = out
    }

    public var audio: UInt32 { all[0] }
    public var audioFEC: UInt32 { all[1] }
    public var audioNACK: UInt32 { all[2] }
    public var video: UInt32 { all[3] }
    public var videoFEC: UInt32 { all[4] }
    public var videoNACK: UInt32 { all[5] }
    public var hbhFEC: [UInt32] { Array(all[6...7]) }
    public var appData: UInt32 { all[8] }
}
