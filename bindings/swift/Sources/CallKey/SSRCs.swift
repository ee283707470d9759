import CCallKey

/// The nine SSRCs of a participant's streams.
public struct SSRCs: Sendable, Equatable {
    /// All nine, in stream order: audio, audio FEC, audio NACK, video, video FEC, video NACK, HBH-FEC,
    /// HBH-FEC, app data.
    public let all: [UInt32]

    /// Derives them. The call id is used unchanged, including its case.
    ///
    /// - Throws: ``CallKeyError/argument(_:)`` if the call id is empty or a text is over 127 bytes,
    ///   ``CallKeyError/participant(_:)`` if the participant is empty.
    public init(callID: String, participant: String) throws(CallKeyError) {
        var out = [UInt32](repeating: 0, count: Int(CALLKEY_SSRC_COUNT))
        try check(
            withText(callID, "callID") { callID throws(CallKeyError) in
                try withText(participant, "participant") { callkey_derive_ssrcs(&out, callID, $0) }
            })
        all = out
    }

    public var audio: UInt32 { all[Int(CALLKEY_SSRC_AUDIO)] }
    public var audioFEC: UInt32 { all[Int(CALLKEY_SSRC_AUDIO_FEC)] }
    public var audioNACK: UInt32 { all[Int(CALLKEY_SSRC_AUDIO_NACK)] }
    public var video: UInt32 { all[Int(CALLKEY_SSRC_VIDEO)] }
    public var videoFEC: UInt32 { all[Int(CALLKEY_SSRC_VIDEO_FEC)] }
    public var videoNACK: UInt32 { all[Int(CALLKEY_SSRC_VIDEO_NACK)] }
    public var hbhFEC: [UInt32] { [all[Int(CALLKEY_SSRC_HBH_FEC_1)], all[Int(CALLKEY_SSRC_HBH_FEC_2)]] }
    public var appData: UInt32 { all[Int(CALLKEY_SSRC_APP_DATA)] }
}
