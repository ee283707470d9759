import CCallKey

extension CallKey {
    /// The keys of the streams that `participant` sends: pass your own JID to send, a peer's to
    /// receive (CRY-02, RFC 5869, RFC 3711 §4.3).
    ///
    /// Derive again for the device that answers: with another device's id nothing fails, but the audio
    /// is noise.
    ///
    /// - Throws: ``CallKeyError/participant(_:)`` if the JID is empty, ``CallKeyError/argument(_:)`` if it
    ///   is over 127 bytes.
    public func e2eKeys(of participant: String) throws(CallKeyError) -> SRTPKeys {
        let keys = SRTPKeys.zeros()
        try check(
            withText(participant, "participant") {
                callkey_derive_e2e_keys(keys.structure, secret.pointer, secret.count, $0)
            })
        return keys
    }

    /// ``e2eKeys(of:)`` for many participants in one call, all or nothing.
    ///
    /// - Throws: the error of the first bad participant; ``CallKeyError/argument(_:)`` for more than
    ///   4096 of them.
    public func e2eKeysBatch(of participants: [String]) throws(CallKeyError) -> SRTPKeysBatch {
        let keys = SecretBytes(count: participants.count * MemoryLayout<callkey_srtp_keys>.size)
        var statuses = [callkey_status](repeating: CALLKEY_OK, count: participants.count)
        try check(
            withTexts(participants, "participant") { texts, n in
                keys.pointer.withMemoryRebound(to: callkey_srtp_keys.self, capacity: n) {
                    callkey_derive_e2e_keys_batch($0, &statuses, secret.pointer, secret.count, texts, n)
                }
            })
        for (index, status) in statuses.enumerated() where status != CALLKEY_OK {
            throw CallKeyError(status: status, "participant \(index) of \(participants.count) is not a participant id")
        }
        return SRTPKeysBatch(participants: participants, keys: keys)
    }

    /// The SFrame key for a participant's id.
    ///
    /// Implementations disagree about the id for a direction, the sender's or the peer's; the app
    /// decides. Throws like ``e2eKeys(of:)``.
    public func sframeKey(of participant: String) throws(CallKeyError) -> SFrameKey {
        let key = SecretBytes(count: Int(CALLKEY_SFRAME_KEY_BYTES))
        try check(
            withText(participant, "participant") {
                callkey_derive_e2e_sframe_key(key.pointer, secret.pointer, secret.count, $0)
            })
        return SFrameKey(owning: key)
    }

    /// The WARP authentication key, the same for all participants.
    public func warpAuthKey() throws(CallKeyError) -> WARPAuthKey {
        let key = SecretBytes(count: Int(CALLKEY_WARP_AUTH_KEY_BYTES))
        try check(callkey_derive_warp_auth_key(key.pointer, secret.pointer, secret.count))
        return WARPAuthKey(owning: key)
    }
}
