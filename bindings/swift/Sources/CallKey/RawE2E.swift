import CCallKey

/// A decoded raw_e2e secret, at least 32 bytes, of which the first 32 are used (CRY-01).
///
/// It replaces the call key for SRTP and SRTCP only; SFrame and WARP keys still come from the call key.
public struct RawE2E: ~Copyable, Secret {
    public static let noun = "raw_e2e secret"

    let secret: SecretBytes

    /// A decoded secret, which is copied; its length is checked when keys are derived.
    public init(bytes: some Collection<UInt8>) { secret = SecretBytes(copying: bytes) }

    /// The secret in the content of a raw_e2e node: base64, or the bytes themselves.
    ///
    /// - Throws: ``CallKeyError/keyLength(_:)`` for fewer than 32 bytes, read either way.
    public init(decoding content: some Collection<UInt8>) throws(CallKeyError) {
        let content = SecretBytes(copying: content)
        secret = try secretOutput { out, size in
            callkey_raw_e2e_decode(out, &size, content.pointer, content.count)
        }
    }

    public func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try secret.withUnsafeBytes(body)
    }

    /// Like ``CallKey/e2eKeys(of:)``, from this secret.
    ///
    /// - Throws: also ``CallKeyError/keyLength(_:)`` if it is shorter than 32 bytes.
    public func e2eKeys(of participant: String) throws(CallKeyError) -> SRTPKeys {
        let keys = SRTPKeys.zeros()
        try check(
            withText(participant, "participant") {
                callkey_derive_e2e_keys_raw(keys.structure, secret.pointer, secret.count, $0)
            })
        return keys
    }
}
