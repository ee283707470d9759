/// 32 secret bytes, the same for all participants of a call.
public struct WARPAuthKey: ~Copyable, Secret {
    public static let noun = "WARP auth key"

    let secret: SecretBytes

    init(owning secret: consuming SecretBytes) { self.secret = secret }

    public func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try secret.withUnsafeBytes(body)
    }
}
