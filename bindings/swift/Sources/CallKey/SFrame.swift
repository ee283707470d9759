import CCallKey

/// What was in a media frame.
public struct OpenedFrame: Sendable, Hashable {
    public let payload: [UInt8]
    /// Authentic: tell by it a frame that was taken before.
    public let counter: UInt64
    /// Not authentic: nothing covers it.
    public let keyID: UInt64
}

extension SFrameKey {
    /// Seals one media frame in the field's variant of SFrame: ciphertext, a tag of 16 bytes, counter, key id
    /// and the length of both, at most 37 bytes more than the payload.
    ///
    /// Nothing is kept between frames: count yourself. Two frames with one counter under one key give their
    /// contents away.
    ///
    /// - Parameters:
    ///   - payload: at most 16777216 bytes.
    ///   - counter: never the same twice under one key.
    ///   - keyID: for the receiver's use; not authenticated.
    public func seal(
        _ payload: some Collection<UInt8>, counter: UInt64, keyID: UInt64 = 0
    ) throws(CallKeyError) -> [UInt8] {
        let secret = secret.view
        let payload = Array(payload)
        return try output { out, size in
            callkey_sframe_seal(out, &size, secret.pointer, secret.count, payload, payload.count, counter, keyID)
        }
    }

    /// Opens one media frame. One that was not sealed with this key is refused; never show what could not be
    /// opened.
    ///
    /// If nothing opens, derive with the other side's id: implementations disagree whose it is.
    ///
    /// - Throws: ``CallKeyError/malformed(_:)`` when its end does not parse,
    ///   ``CallKeyError/authentication(_:)`` when it was not sealed with this key.
    public func open(_ frame: some Collection<UInt8>) throws(CallKeyError) -> OpenedFrame {
        let secret = secret.view
        let frame = Array(frame)
        var counter: UInt64 = 0
        var keyID: UInt64 = 0
        let payload = try output { out, size in
            callkey_sframe_open(
                out, &size, &counter, &keyID, secret.pointer, secret.count, frame, frame.count)
        }
        return OpenedFrame(payload: payload, counter: counter, keyID: keyID)
    }
}
