import CCallKey

/// The sizes of the contract, in bytes.
public enum Sizes {
    /// A call key or epoch.
    public static let key = Int(CALLKEY_KEY_BYTES)
    /// A fingerprint, before it becomes digits.
    public static let fingerprint = Int(CALLKEY_FINGERPRINT_BYTES)
    /// The least that a raw_e2e secret has.
    public static let rawE2EMin = Int(CALLKEY_RAW_E2E_MIN_BYTES)
    public static let srtpKeys = Int(CALLKEY_SRTP_KEYS_BYTES)
    public static let sframeKey = Int(CALLKEY_SFRAME_KEY_BYTES)
    /// The most that a frame has more than its payload.
    public static let sframeOverheadMax = Int(CALLKEY_SFRAME_OVERHEAD_MAX_BYTES)
    public static let warpAuthKey = Int(CALLKEY_WARP_AUTH_KEY_BYTES)
    public static let warpTag = Int(CALLKEY_WARP_TAG_BYTES)
    /// The relay's hop-by-hop key.
    public static let hbhKey = Int(CALLKEY_HBH_KEY_BYTES)
    /// The number of a participant's SSRCs.
    public static let ssrcCount = Int(CALLKEY_SSRC_COUNT)
    /// The longest plaintext.
    public static let plaintextMax = Int(CALLKEY_PLAINTEXT_MAX_BYTES)
    /// The most that a sealed message has more than its plaintext.
    public static let messageOverheadMax = Int(CALLKEY_MESSAGE_OVERHEAD_MAX_BYTES)
    /// The most that one call adds to a record.
    public static let recordSlack = Int(CALLKEY_RECORD_SLACK_BYTES)
    /// A raw X25519 public key.
    public static let publicKey = Int(CALLKEY_PUBLIC_KEY_BYTES)
    /// An X25519 private key.
    public static let privateKey = Int(CALLKEY_PRIVATE_KEY_BYTES)
    /// An XEdDSA signature.
    public static let signature = Int(CALLKEY_SIGNATURE_BYTES)
    /// The key that encrypts the records of a store.
    public static let storageKey = Int(CALLKEY_STORAGE_KEY_BYTES)
    /// The longest JID or call id, with C's NUL.
    public static let jid = Int(CALLKEY_JID_BYTES)
}
