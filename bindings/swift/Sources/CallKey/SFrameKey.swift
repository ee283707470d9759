import CCallKey

/// 32 secret bytes for SFrame; the first 16 are the AES-128-GCM key.
public struct SFrameKey: ~Copyable, Secret {
    public static let noun = "SFrame key"

    let secret: SecretBytes

    init(owning secret: consuming SecretBytes) { self.secret = secret }

    /// A key from existing bytes, which are copied.
    ///
    /// - Throws: ``CallKeyError/keyLength(_:)`` unless it is 32 bytes.
    public init(bytes: some Collection<UInt8>) throws(CallKeyError) {
        guard bytes.count == CALLKEY_SFRAME_KEY_BYTES else {
            throw .keyLength("an SFrame key is \(CALLKEY_SFRAME_KEY_BYTES) bytes, not \(bytes.count)")
        }
        secret = SecretBytes(copying: bytes)
    }

    public func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try secret.withUnsafeBytes(body)
    }
}
