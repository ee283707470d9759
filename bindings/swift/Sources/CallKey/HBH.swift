import CCallKey

/// The kind of hop-by-hop key, which protects the hop between a client and the relay.
public enum HBH: UInt32, CaseIterable, Sendable {
    case uplink = 0
    case downlink = 1
    case srtp = 2
    case srtcp = 3

    /// These keys, from the 30-byte hop-by-hop key that the relay sent: salt in bytes 0 to 13, key in
    /// bytes 14 to 29. It is independent of the call key.
    ///
    /// - Throws: ``CallKeyError/argument(_:)`` if the hop-by-hop key is not 30 bytes.
    public func keys(from hbhKey: some Collection<UInt8>) throws(CallKeyError) -> SRTPKeys {
        guard hbhKey.count == CALLKEY_HBH_KEY_BYTES else {
            throw .argument("hbhKey is \(hbhKey.count) bytes, not \(CALLKEY_HBH_KEY_BYTES)")
        }
        let keys = SRTPKeys.zeros()
        try check(withSecret(copying: hbhKey) { key, _ in callkey_derive_hbh_keys(keys.structure, key, rawValue) })
        return keys
    }
}
