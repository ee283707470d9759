import CCallKey

/// A device's own private identity key, 32 bytes, and its registration id: for a program that keeps its sessions itself,
/// and to move a store's account. See ``Store/account()`` and ``Store/importIdentity(_:)``.
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

    /// A new identity. Store its bytes and its registration ID; both make it again.
    public static func generate() throws(CallKeyError) -> Account {
        try Account { out throws(CallKeyError) in try check(callkey_account_generate(out)) }
    }

    /// An account from storage; the private key is copied.
    ///
    /// - Throws: ``CallKeyError/keyLength(_:)`` unless it is 32 bytes.
    public init(privateKey: some Collection<UInt8>, registrationID: UInt32) throws(CallKeyError) {
        secret = try privateKeyBytes(privateKey)
        self.registrationID = registrationID
    }

    /// The public part.
    ///
    /// - Throws: ``CallKeyError/invalidKey(_:)`` if the private key is 32 zero bytes.
    public var identity: Identity {
        get throws(CallKeyError) {
            var out = callkey_identity()
            try withStructure { account throws(CallKeyError) in try check(callkey_account_identity(&out, account)) }
            return Identity(out)
        }
    }

    /// A signature of a message, 64 bytes (XEdDSA). It is random: each call makes another one.
    public func sign(_ message: [UInt8]) throws(CallKeyError) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: Int(CALLKEY_SIGNATURE_BYTES))
        try withStructure { account throws(CallKeyError) in
            try withBytes(optional: message) { message, count throws(CallKeyError) in
                try check(callkey_account_sign(&out, account, message, count))
            }
        }
        return out
    }

    /// Makes a signed prekey. Make a new one once a month or more often; delete the old one 30 days after that, with the
    /// base keys that were used with it: see ``MessageInfo``.
    ///
    /// - Parameter id: 1 to 16777215.
    public func signedPrekey(id: UInt32) throws(CallKeyError) -> OwnSignedPrekey {
        var out = callkey_signed_prekey()
        let privateKey = SecretBytes(count: Int(CALLKEY_PRIVATE_KEY_BYTES))
        try withStructure { account throws(CallKeyError) in
            try check(callkey_signed_prekey_generate(&out, privateKey.pointer, account, id))
        }
        return OwnSignedPrekey(published: SignedPrekey(out), privateKey: PrivateKey(owning: privateKey))
    }

    /// Calls `body` with the library's struct, which is wiped afterwards.
    func withStructure<R>(
        _ body: (UnsafePointer<callkey_account>) throws(CallKeyError) -> R
    ) throws(CallKeyError) -> R {
        let c = UnsafeMutablePointer<callkey_account>.allocate(capacity: 1)
        c.initialize(to: callkey_account())
        defer {
            callkey_wipe(c, MemoryLayout<callkey_account>.size)
            c.deallocate()
        }
        c.pointee.struct_size = MemoryLayout<callkey_account>.size
        c.pointee.registration_id = registrationID
        let start = MemoryLayout<callkey_account>.offset(of: \.private_key)!
        (UnsafeMutableRawPointer(c) + start).copyMemory(from: secret.pointer, byteCount: secret.count)
        return try body(c)
    }

    public func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try secret.withUnsafeBytes(body)
    }
}
