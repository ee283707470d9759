import CCallKey

/// The stanza around the ciphertexts of an offer: with options it is a whole `<call><offer>`, without
/// them only the key node, `<enc>` or `<destination>`.
public struct OfferOptions: Sendable, Hashable {
    /// The callee.
    public var to: String
    /// Written unchanged, because the SSRCs are derived from it.
    public var callID: String
    /// The caller's own LID, with device.
    public var callCreator: String
    /// The id of `<call>`; nil: the app's socket layer adds it.
    public var stanzaID: String?
    /// Write `<video>`. Its attributes, from ``videoEnc`` on, may only be set with it.
    public var isVideo = false
    /// Write `<destination>` even for one device, because the callee has more.
    public var isMultiDevice = false
    /// Opaque; nil writes what a client writes in an audio or video offer, 7 bytes.
    public var capability: [UInt8]?
    /// Opaque; nil writes no `<privacy>`.
    public var privacyToken: [UInt8]?
    /// Opaque; required if any enc is a pkmsg.
    public var deviceIdentity: [UInt8]?
    /// The codec to send, at most 127 bytes; nil writes `h.264`.
    public var videoEnc: String?
    /// The codec to receive, at most 127 bytes; nil writes `H264`.
    public var videoDec: String?
    /// The screen's width.
    public var videoWidth: UInt32 = 0
    /// The screen's height.
    public var videoHeight: UInt32 = 0
    /// The device's orientation.
    public var videoDeviceOrientation: UInt32 = 0

    public init(to: String, callID: String, callCreator: String) {
        self.to = to
        self.callID = callID
        self.callCreator = callCreator
    }
}

/// Calls `body` with the options as the library's struct.
func withOptions<R>(
    _ options: OfferOptions, _ body: (UnsafePointer<callkey_offer_options>) throws(CallKeyError) -> R
) throws(CallKeyError) -> R {
    var c = callkey_offer_options()
    c.struct_size = MemoryLayout<callkey_offer_options>.size
    c.flags =
        (options.isVideo ? UInt32(CALLKEY_OFFER_VIDEO) : 0)
        | (options.isMultiDevice ? UInt32(CALLKEY_OFFER_MULTI_DEVICE) : 0)
    (c.video_width, c.video_height) = (options.videoWidth, options.videoHeight)
    c.video_device_orientation = options.videoDeviceOrientation
    let texts = [
        options.to, options.callID, options.callCreator, options.stanzaID ?? "", options.videoEnc ?? "",
        options.videoDec ?? "",
    ]
    return try withTexts(texts, "an option") { texts, _ throws(CallKeyError) in
        c.to = texts[0]
        c.call_id = texts[1]
        c.call_creator = texts[2]
        c.stanza_id = options.stanzaID == nil ? nil : texts[3]
        c.video_enc = options.videoEnc == nil ? nil : texts[4]
        c.video_dec = options.videoDec == nil ? nil : texts[5]
        return try withBytes(optional: options.capability) { start, count throws(CallKeyError) in
            (c.capability, c.capability_len) = (start, count)
            return try withBytes(optional: options.privacyToken) { start, count throws(CallKeyError) in
                (c.privacy_token, c.privacy_token_len) = (start, count)
                return try withBytes(optional: options.deviceIdentity) { start, count throws(CallKeyError) in
                    (c.device_identity, c.device_identity_len) = (start, count)
                    return try body(&c)
                }
            }
        }
    }
}

/// Like ``withOptions(_:_:)``; nil is NULL.
func withOptions<R>(
    optional options: OfferOptions?, _ body: (UnsafePointer<callkey_offer_options>?) throws(CallKeyError) -> R
) throws(CallKeyError) -> R {
    guard let options else { return try body(nil) }
    return try withOptions(options) { options throws(CallKeyError) in try body(options) }
}
