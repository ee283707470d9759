import CCallKey

/// The 4-byte tag of a packet, for tools that check captures: the start of HMAC-SHA1 over the packet and its
/// roll-over counter. In a call libsrtp does it for each packet. Compare it in constant time.
///
/// - Parameters:
///   - packet: the whole packet up to the tag.
///   - authKey: the sender's ``SRTPKeys/Part/srtpAuthKey`` (20 bytes), as on media packets, or a
///     ``WARPAuthKey`` (32 bytes).
///   - roc: the roll-over counter.
/// - Throws: ``CallKeyError/keyLength(_:)`` for a key of another length.
public func warpTag(
    of packet: some Collection<UInt8>, authKey: some Collection<UInt8>, roc: UInt32 = 0
) throws(CallKeyError) -> [UInt8] {
    let packet = Array(packet)
    var tag = [UInt8](repeating: 0, count: Int(CALLKEY_WARP_TAG_BYTES))
    try check(
        withSecret(copying: authKey) { key, count in
            callkey_warp_tag(&tag, key, count, packet, packet.count, roc)
        })
    return tag
}

extension CallKey {
    /// Finds the sender of an SRTP packet, e.g. of the first one after the answer: the index in
    /// `participants` of the first that gives its tag.
    ///
    /// An unusable participant never matches and does not stop the others. A wrong one matches a 4-byte tag
    /// once in 2^32 packets.
    ///
    /// - Parameters:
    ///   - participants: the devices that may have sent it, each with its number; at most 4096.
    ///   - packet: as received: RTP header with CSRCs and extension, encrypted payload, tag.
    ///   - roc: the roll-over counter of its SSRC, 0 for a stream's first 65536 packets.
    ///   - tagLength: 4 (`AES_CM_128_HMAC_SHA1_32`) or 10 (`AES_CM_128_HMAC_SHA1_80`).
    /// - Throws: ``CallKeyError/authentication(_:)`` if nothing matches, ``CallKeyError/malformed(_:)`` for bytes
    ///   that are not an RTP packet.
    public func selectParticipant(
        among participants: [String], packet: some Collection<UInt8>, roc: UInt32 = 0, tagLength: UInt32 = 4
    ) throws(CallKeyError) -> Int {
        try select(secret.view, participants, Array(packet), roc, tagLength)
    }
}

extension RawE2E {
    /// As ``CallKey/selectParticipant(among:packet:roc:tagLength:)``, with this secret.
    public func selectParticipant(
        among participants: [String], packet: some Collection<UInt8>, roc: UInt32 = 0, tagLength: UInt32 = 4
    ) throws(CallKeyError) -> Int {
        try select(
            (secret.pointer, min(secret.count, Int(CALLKEY_KEY_BYTES))), participants, Array(packet), roc, tagLength)
    }
}

private func select(
    _ key: SecretBytes.View, _ participants: [String], _ packet: [UInt8], _ roc: UInt32,
    _ tagLength: UInt32
) throws(CallKeyError) -> Int {
    var index = 0
    try check(
        withTexts(participants, "participant") { texts, n in
            callkey_select_participant(
                &index, key.pointer, key.count, texts, n, packet, packet.count, roc, tagLength)
        })
    return index
}
