/// A session in Signal's own storage protobuf: secret, since it holds the root and chain keys.
public struct SessionRecord: ~Copyable, Secret {
    public static let noun = "session record"

    let secret: SecretBytes

    init(owning secret: consuming SecretBytes) { self.secret = secret }

    /// A record from elsewhere, which is copied; ``Session/restore(_:)`` checks what is in it.
    public init(bytes: some Collection<UInt8>) { secret = SecretBytes(copying: bytes) }

    public func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try secret.withUnsafeBytes(body)
    }
}
