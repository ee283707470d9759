import CCallKey

/// The media keys of the streams that one participant sends: 130 secret bytes (RFC 3711 §4.3, rate 0).
///
/// RTP is `AES_CM_128_HMAC_SHA1_32` and RTCP is `AES_CM_128_HMAC_SHA1_80`. A library that derives the
/// session keys itself, like libsrtp, takes ``Part/libsrtpKey``.
public struct SRTPKeys: ~Copyable, Secret {
    public static let noun = "set of SRTP keys"

    let secret: SecretBytes

    init(owning secret: consuming SecretBytes) { self.secret = secret }

    static func zeros() -> SRTPKeys { SRTPKeys(owning: SecretBytes(count: Int(CALLKEY_SRTP_KEYS_BYTES))) }

    /// The bytes as the library's struct. It has no padding and no alignment.
    var structure: UnsafeMutablePointer<callkey_srtp_keys> {
        UnsafeMutableRawPointer(secret.pointer).assumingMemoryBound(to: callkey_srtp_keys.self)
    }

    public func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try secret.withUnsafeBytes(body)
    }

    /// One of the keys, by its place in the 130 bytes.
    public enum Part: CaseIterable, Sendable {
        /// 30 bytes for libsrtp: master key, then master salt.
        case libsrtpKey
        /// 16 bytes.
        case masterKey
        /// 14 bytes.
        case masterSalt
        /// 16 bytes, label 0.
        case srtpCipherKey
        /// 20 bytes, label 1.
        case srtpAuthKey
        /// 14 bytes, label 2.
        case srtpSalt
        /// 16 bytes, label 3.
        case srtcpCipherKey
        /// 20 bytes, label 4.
        case srtcpAuthKey
        /// 14 bytes, label 5.
        case srtcpSalt

        var place: Range<Int> {
            switch self {
            case .libsrtpKey: 0..<30
            case .masterKey: 0..<16
            case .masterSalt: 16..<30
            case .srtpCipherKey: 30..<46
            case .srtpAuthKey: 46..<66
            case .srtpSalt: 66..<80
            case .srtcpCipherKey: 80..<96
            case .srtcpAuthKey: 96..<116
            case .srtcpSalt: 116..<130
            }
        }
    }

    /// ONE KEY ITSELF, to pass to the media engine. The pointer is valid until `body`
    /// returns.
    ///
    /// ```swift
    /// keys.withUnsafeBytes(of: .libsrtpKey) { key in
    ///     policy.key = …  // 30 bytes at key.baseAddress
    /// }
    /// ```
    public func withUnsafeBytes<R: ~Copyable, E: Error>(
        of part: Part, _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(secret.buffer)[part.place]))
    }
}
