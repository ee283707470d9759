import CCallKey

/// A store's own private identity key, 32 bytes, and its registration id: what moves an account. See
/// ``Store/account()`` and ``Store/importIdentity(_:)``.
public struct Account: ~Copyable, Secret {
    public static let noun = "account"

    /// 1 to 16380 if the library made it.
    public let registrationID: UInt32

    let secret: SecretBytes

    /// - Throws: as `fill`, which calls the library.
    init(_ fill: (UnsafeMutablePointer<callkey_account>) throws(CallKeyError) -> Void) throws(CallKeyError) {
        let c = UnsafeMutablePointer<callkey_account>.allocate(capacity: 1)
        c.initialize(to: callkey_account())
        defer {
            callkey_wipe(c, MemoryLayout<callkey_account>.size)
            c.deallocate()
        }
        c.pointee.struct_size = MemoryLayout<callkey_account>.size
        try fill(c)
        registrationID = c.pointee.registration_id
        let start = MemoryLayout<callkey_account>.offset(of: \.private_key)!
        secret = SecretBytes(
            copying: UnsafeRawBufferPointer(
                start: UnsafeRawPointer(c) + start, count: Int(CALLKEY_PRIVATE_KEY_BYTES)))
    }

    public func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try secret.withUnsafeBytes(body)
    }
}
