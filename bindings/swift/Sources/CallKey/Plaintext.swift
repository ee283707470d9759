import CCallKey

/// The plaintext for one device, for an app with its own Signal sessions: protobuf
/// `Message.call.callKey` and padding, 37 to 52 secret bytes.
public struct Plaintext: ~Copyable, Secret {
    public static let noun = "plaintext"

    let secret: SecretBytes

    init(owning secret: consuming SecretBytes) { self.secret = secret }

    /// Writes it. The length of the padding is random, so make one for each device.
    public init(of key: borrowing CallKey) throws(CallKeyError) {
        let key = key.secret.view
        secret = try secretOutput { out, size in callkey_plaintext_encode(out, &size, key.pointer, key.count) }
    }

    public func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try secret.withUnsafeBytes(body)
    }
}

extension CallKey {
    /// The call key in a plaintext that the app decrypted itself; `version` is the enc's `v`: 2 is padded,
    /// 3 is not.
    ///
    /// - Throws: ``CallKeyError/malformed(_:)`` (padding, protobuf, no call key),
    ///   ``CallKeyError/keyLength(_:)`` and ``CallKeyError/unsupported(_:)`` (another version).
    public init(plaintext: some Collection<UInt8>, version: UInt32 = 2) throws(CallKeyError) {
        let key = SecretBytes(count: Int(CALLKEY_KEY_BYTES))
        try check(
            withSecret(copying: plaintext) { plaintext, count in
                callkey_plaintext_decode(key.pointer, plaintext, count, version)
            })
        self.init(owning: key)
    }
}
