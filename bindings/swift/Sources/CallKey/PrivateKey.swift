import CCallKey

/// The private key of a prekey, 32 bytes. A program that keeps its sessions itself stores it under the prekey's id.
public struct PrivateKey: ~Copyable, Secret {
    public static let noun = "private key"

    let secret: SecretBytes

    init(owning secret: consuming SecretBytes) { self.secret = secret }

    /// A private key from storage, which is copied.
    ///
    /// - Throws: ``CallKeyError/keyLength(_:)`` unless it is 32 bytes.
    public init(bytes: some Collection<UInt8>) throws(CallKeyError) { secret = try privateKeyBytes(bytes) }

    public func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try secret.withUnsafeBytes(body)
    }
}

/// A copy of a private key's bytes.
func privateKeyBytes(_ bytes: some Collection<UInt8>) throws(CallKeyError) -> SecretBytes {
    guard bytes.count == Int(CALLKEY_PRIVATE_KEY_BYTES) else {
        throw .keyLength("a private key is \(bytes.count) bytes, not \(CALLKEY_PRIVATE_KEY_BYTES)")
    }
    return SecretBytes(copying: bytes)
}

/// A one-time prekey of a program that keeps its sessions itself.
public struct OwnPrekey: ~Copyable, Sendable {
    public let published: Prekey
    /// Delete it in the commit that stores the record of the message that used it.
    public let privateKey: PrivateKey
}

/// A signed prekey of a program that keeps its sessions itself.
public struct OwnSignedPrekey: ~Copyable, Sendable {
    public let published: SignedPrekey
    public let privateKey: PrivateKey
}

extension Prekey {
    /// Makes a one-time prekey.
    ///
    /// - Parameter id: 1 to 16777215.
    public static func generate(id: UInt32) throws(CallKeyError) -> OwnPrekey {
        var out = callkey_prekey()
        let privateKey = SecretBytes(count: Int(CALLKEY_PRIVATE_KEY_BYTES))
        try check(callkey_prekey_generate(&out, privateKey.pointer, id))
        return OwnPrekey(published: Prekey(out), privateKey: PrivateKey(owning: privateKey))
    }
}
