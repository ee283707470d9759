/// A session in Signal's own storage protobuf. It is secret, because it has the root and chain
/// keys.
public struct SessionRecord: ~Copyable, Secret {
    public static let noun = "session record"

    let secret: SecretBytes

    init(owning secret: consuming SecretBytes) { self.secret = secret }

    /// A record from existing bytes, which are copied; ``Session/restore(_:)`` checks its
    /// contents.
    public init(bytes: some Collection<UInt8>) { secret = SecretBytes(copying: bytes) }

    public func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try secret.withUnsafeBytes(body)
    }
}
