import CCallKey

/// The keys that a device publishes so that others can begin a Signal session with it, as fetched from
/// the server. Nothing in it is secret.
public struct PrekeyBundle: Sendable, Hashable {
    public let registrationID: UInt32
    /// Raw X25519, 32 bytes, without the type byte 05.
    public let identityKey: [UInt8]
    public let signedPrekeyID: UInt32
    /// 32 bytes.
    public let signedPrekey: [UInt8]
    /// 64 bytes.
    public let signedPrekeySignature: [UInt8]
    /// 0: there is no one-time prekey.
    public let prekeyID: UInt32
    /// 32 bytes, or none if ``prekeyID`` is 0.
    public let prekey: [UInt8]

    /// A bundle from elsewhere. Only lengths are checked here; the keys themselves are checked when a
    /// session begins.
    ///
    /// - Throws: ``CallKeyError/malformed(_:)`` for a key or signature of another length.
    public init(
        registrationID: UInt32, identityKey: [UInt8],
        signedPrekeyID: UInt32, signedPrekey: [UInt8], signedPrekeySignature: [UInt8],
        prekeyID: UInt32 = 0, prekey: [UInt8] = []
    ) throws(CallKeyError) {
        let key = Int(CALLKEY_PUBLIC_KEY_BYTES)
        for (value, size, name) in [
            (identityKey, key, "identityKey"),
            (signedPrekey, key, "signedPrekey"),
            (signedPrekeySignature, Int(CALLKEY_SIGNATURE_BYTES), "signedPrekeySignature"),
            (prekey, prekeyID == 0 ? 0 : key, "prekey"),
        ] where value.count != size {
            throw .malformed("\(name) of a prekey bundle is \(value.count) bytes, not \(size)")
        }
        self.registrationID = registrationID
        self.identityKey = identityKey
        self.signedPrekeyID = signedPrekeyID
        self.signedPrekey = signedPrekey
        self.signedPrekeySignature = signedPrekeySignature
        self.prekeyID = prekeyID
        self.prekey = prekey
    }

    init(_ c: callkey_prekey_bundle) {
        registrationID = c.registration_id
        identityKey = bytes(of: c.identity_key)
        signedPrekeyID = c.signed_prekey_id
        signedPrekey = bytes(of: c.signed_prekey)
        signedPrekeySignature = bytes(of: c.signed_prekey_signature)
        prekeyID = c.prekey_id
        prekey = c.prekey_id == 0 ? [] : bytes(of: c.prekey)
    }

    /// The library's struct, to fill.
    static var empty: callkey_prekey_bundle {
        var c = callkey_prekey_bundle()
        c.struct_size = MemoryLayout<callkey_prekey_bundle>.size
        return c
    }

    var structure: callkey_prekey_bundle {
        var c = Self.empty
        c.registration_id = registrationID
        c.prekey_id = prekeyID
        c.signed_prekey_id = signedPrekeyID
        fill(&c.identity_key, with: identityKey)
        fill(&c.prekey, with: prekey)
        fill(&c.signed_prekey, with: signedPrekey)
        fill(&c.signed_prekey_signature, with: signedPrekeySignature)
        return c
    }
}

/// Numbers and hexadecimal texts, the same format as the Python package's `PrekeyBundle.to_bytes`. It is
/// these packages' own format, not a server's.
extension PrekeyBundle: Codable {
    enum CodingKeys: String, CodingKey {
        case registrationID = "registration_id"
        case identityKey = "identity_key"
        case signedPrekeyID = "signed_prekey_id"
        case signedPrekey = "signed_prekey"
        case signedPrekeySignature = "signed_prekey_signature"
        case prekeyID = "prekey_id"
        case prekey
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        func key(_ name: CodingKeys) throws -> [UInt8] {
            guard let key = bytes(hexadecimal: try fields.decode(String.self, forKey: name)) else {
                throw CallKeyError.malformed("\(name.rawValue) of a prekey bundle is not hexadecimal")
            }
            return key
        }
        try self.init(
            registrationID: fields.decode(UInt32.self, forKey: .registrationID),
            identityKey: key(.identityKey),
            signedPrekeyID: fields.decode(UInt32.self, forKey: .signedPrekeyID),
            signedPrekey: key(.signedPrekey),
            signedPrekeySignature: key(.signedPrekeySignature),
            prekeyID: fields.decode(UInt32.self, forKey: .prekeyID),
            prekey: key(.prekey))
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(registrationID, forKey: .registrationID)
        try fields.encode(hexadecimal(identityKey), forKey: .identityKey)
        try fields.encode(signedPrekeyID, forKey: .signedPrekeyID)
        try fields.encode(hexadecimal(signedPrekey), forKey: .signedPrekey)
        try fields.encode(hexadecimal(signedPrekeySignature), forKey: .signedPrekeySignature)
        try fields.encode(prekeyID, forKey: .prekeyID)
        try fields.encode(hexadecimal(prekey), forKey: .prekey)
    }
}

/// Calls `body` with the place of each bundle's struct; nil is NULL.
func withBundles<R>(
    _ bundles: [PrekeyBundle?], _ body: ([UnsafePointer<callkey_prekey_bundle>?]) throws(CallKeyError) -> R
) throws(CallKeyError) -> R {
    try withPointer(bundles.map { $0?.structure ?? PrekeyBundle.empty }) { structures throws(CallKeyError) in
        try body(bundles.indices.map { bundles[$0] == nil ? nil : structures.baseAddress! + $0 })
    }
}
