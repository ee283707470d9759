import CCallKey

/// A one-time prekey to publish.
public struct Prekey: Sendable, Hashable {
    /// 1 to 16777215.
    public let id: UInt32
    /// Raw X25519, 32 bytes.
    public let publicKey: [UInt8]

    init(_ c: callkey_prekey) {
        id = c.id
        publicKey = bytes(of: c.public_key)
    }
}

/// A signed prekey to publish.
public struct SignedPrekey: Sendable, Hashable {
    /// 1 to 16777215.
    public let id: UInt32
    /// Raw X25519, 32 bytes.
    public let publicKey: [UInt8]
    /// XEdDSA, 64 bytes, by the identity key over 05 and the public key.
    public let signature: [UInt8]

    init(_ c: callkey_signed_prekey) {
        id = c.id
        publicKey = bytes(of: c.public_key)
        signature = bytes(of: c.signature)
    }
}
