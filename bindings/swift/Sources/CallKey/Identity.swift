import CCallKey

/// A store's own identity. Nothing in it is secret.
public struct Identity: Sendable, Hashable {
    /// 1 to 16380 if the library made it.
    public let registrationID: UInt32
    /// Raw X25519, 32 bytes, without the type byte 05.
    public let publicKey: [UInt8]

    init(_ c: callkey_identity) {
        registrationID = c.registration_id
        publicKey = bytes(of: c.public_key)
    }
}
