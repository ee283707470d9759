import CCallKey

/// The media keys of many participants, in their order; 130 secret bytes each.
public struct SRTPKeysBatch: ~Copyable, Secret {
    public static let noun = "batch of SRTP keys"

    /// The participants, in order.
    public let participants: [String]

    let secret: SecretBytes

    init(participants: [String], keys: consuming SecretBytes) {
        self.participants = participants
        secret = keys
    }

    public func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try secret.withUnsafeBytes(body)
    }

    /// The keys of the participant at `index` as a separate secret; an index out of range stops the
    /// program, like an array's.
    public func keys(at index: Int) -> SRTPKeys {
        precondition(participants.indices.contains(index), "there is no participant \(index)")
        let size = MemoryLayout<callkey_srtp_keys>.size
        return SRTPKeys(owning: SecretBytes(copying: secret.buffer[index * size..<(index + 1) * size]))
    }
}
