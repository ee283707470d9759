import CCallKey

/// An opened media frame.
public struct OpenedFrame: Sendable, Hashable {
    public let payload: [UInt8]
    /// Authentic: detect a replayed frame by it.
    public let counter: UInt64
    /// Not authentic: nothing covers it.
    public let keyID: UInt64
}

extension SFrameKey {
    /// Seals one media frame in the variant of SFrame that these calls use: ciphertext, a 16-byte tag,
    /// counter, key id and the length of both, at most 37 bytes more than the payload.
    ///
    /// Nothing is kept between frames, so keep the counter yourself. Two frames with one counter under one
    /// key give their contents away.
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

    /// Opens one media frame. One that was not sealed with this key is rejected; never play a frame that was
    /// not opened.
    ///
    /// If nothing opens, derive with the other side's id: implementations disagree about the
    /// id.
    ///
    /// - Throws: ``CallKeyError/malformed(_:)`` if its end does not parse,
    ///   ``CallKeyError/authentication(_:)`` if it was not sealed with this key.
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
