import CCallKey

/// The secret of one call, 32 bytes (CRY-01).
///
/// The caller generates a fresh one for every call id and sends it to every device of the callee. A
/// repeated offer has the same one.
public struct CallKey: ~Copyable, Secret {
    public static let noun = "call key"

    let secret: SecretBytes

    /// Takes ownership of 32 bytes that the library wrote.
    init(owning secret: consuming SecretBytes) { self.secret = secret }

    /// A call key from existing bytes, which are copied.
    ///
    /// - Throws: ``CallKeyError/keyLength(_:)`` unless it is exactly 32 bytes (CRY-01).
    public init(bytes: some Collection<UInt8>) throws(CallKeyError) {
        let secret = SecretBytes(copying: bytes)
        try check(callkey_check(secret.pointer, secret.count))
        self.init(owning: secret)
    }

    /// A call key from base64, of either alphabet, with or without padding.
    ///
    /// - Throws: ``CallKeyError/malformed(_:)`` for other text, ``CallKeyError/keyLength(_:)`` for another length.
    public init(base64 text: String) throws(CallKeyError) {
        guard let secret = SecretBytes.decoded(base64: text.utf8) else {
            throw .malformed("a call key or epoch in base64 is 44 characters, or 43 without padding")
        }
        try check(callkey_check(secret.pointer, secret.count))
        self.init(owning: secret)
    }

    /// A call key from the operating system's random source (CRY-01).
    public static func generate() throws(CallKeyError) -> CallKey {
        let secret = SecretBytes(count: Int(CALLKEY_KEY_BYTES))
        try check(callkey_generate(secret.pointer))
        return CallKey(owning: secret)
    }

    public func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try secret.withUnsafeBytes(body)
    }

    /// 16 hexadecimal digits to compare in logs and user interfaces; one-way, and not part of the
    /// protocol.
    public var fingerprint: String {
        get throws(CallKeyError) {
            var mark = [UInt8](repeating: 0, count: Int(CALLKEY_FINGERPRINT_BYTES))
            try check(callkey_fingerprint(&mark, secret.pointer, secret.count))
            return hexadecimal(mark)
        }
    }
}
