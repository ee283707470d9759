/// The keys of one call: ours to send with, theirs to receive with.
///
/// Both are the offer's key, unless the accept brings a key of the peer's own. A device number is part of every
/// derivation, so what is received is keyed by the device that answered: say which it is (``answered(by:)``), let
/// ``accepted(_:)`` take it from the accept, or have it found from the first packet
/// (``answered(from:among:roc:tagLength:)``). From then on the keys of any other device of the peer are not given out:
/// with them nothing fails, and the audio is noise.
///
/// Keys that were given out before the answer are the app's: ask for ``receive()``, and with `sframeByReceiver` also
/// for ``send()``, again after each of the three. SRTP, SRTCP and SFrame keys come together.
///
/// It is noncopyable, as the secrets in it are. Hold it in an actor or a class of the app's.
public struct Call: ~Copyable, Sendable {
    /// The offer's key, to send the same offer again with.
    public let key: CallKey
    /// The participant id of the device that answered; nil while it isn't known.
    public private(set) var answeringDevice: String?

    private let own: String
    private let sframeByReceiver: Bool
    private var theirs: CallKey

    /// A call that the device `own` takes part in.
    ///
    /// - Parameters:
    ///   - own: the own JID, with device.
    ///   - key: the offer's call key, sealed by us or opened.
    ///   - sframeByReceiver: SFrame keys are made with the receiver's id instead of the sender's. Implementations
    ///     disagree; frames that don't authenticate tell.
    /// - Throws: ``CallKeyError/wrongDevice(_:)`` for a LID without device.
    public init(own: String, key: consuming CallKey, sframeByReceiver: Bool = false) throws(CallKeyError) {
        self.init(device: try device(own), key, sframeByReceiver)
    }

    private init(device: String, _ key: consuming CallKey, _ sframeByReceiver: Bool) {
        own = device
        self.sframeByReceiver = sframeByReceiver
        theirs = CallKey(owning: SecretBytes(copying: key.secret.buffer))
        self.key = key
    }

    /// Says which device answered. Said again with another device, that one counts.
    ///
    /// - Throws: ``CallKeyError/wrongDevice(_:)`` for a LID without device, which says whose call it is but not which
    ///   device has it.
    public mutating func answered(by jid: String) throws(CallKeyError) {
        answeringDevice = try device(jid)
    }

    /// Finds the device that answered from an SRTP packet, and returns its participant id.
    ///
    /// - Parameters:
    ///   - packet: as received: RTP header with CSRCs and extension, encrypted payload, tag.
    ///   - devices: those that were called, a LID without device standing for device 0.
    ///   - roc: the roll-over counter of its SSRC, 0 for a stream's first 65536 packets.
    ///   - tagLength: 4 (`AES_CM_128_HMAC_SHA1_32`) or 10 (`AES_CM_128_HMAC_SHA1_80`).
    /// - Throws: ``CallKeyError/authentication(_:)`` when none of them sent it; nothing has changed then.
    @discardableResult
    public mutating func answered(
        from packet: some Collection<UInt8>, among devices: [String], roc: UInt32 = 0, tagLength: UInt32 = 4
    ) throws(CallKeyError) -> String {
        let index = try theirs.selectParticipant(among: devices, packet: packet, roc: roc, tagLength: tagLength)
        let participant = try participantID(of: devices[index])
        answeringDevice = participant
        return participant
    }

    /// Takes in an accept that brought a key. The peer's streams are keyed by that key from now on, ours stay with our
    /// own, and its sender answered.
    ///
    /// - Parameter accept: what ``Store/openOffer(_:own:sender:)`` gave for it.
    /// - Throws: ``CallKeyError/wrongDevice(_:)`` when its sender names no device, ``CallKeyError/argument(_:)`` when it
    ///   is no accept; nothing has changed then.
    public mutating func accepted(_ accept: consuming OpenedOffer) throws(CallKeyError) {
        guard accept.info.isAccept else { throw .argument("the key did not come in an accept") }
        answeringDevice = try device(accept.info.sender)
        theirs = accept.key
    }

    /// The keys of what we send.
    ///
    /// - Throws: ``CallKeyError/notAnswered(_:)`` with `sframeByReceiver`, while it isn't known who answered.
    public func send() throws(CallKeyError) -> MediaKeys {
        let receiver = sframeByReceiver ? try answering() : own
        return MediaKeys(participant: own, srtp: try key.e2eKeys(of: own), sframe: try key.sframeKey(of: receiver))
    }

    /// The keys of what the device that answered sends.
    ///
    /// - Throws: ``CallKeyError/notAnswered(_:)`` while it isn't known.
    public func receive() throws(CallKeyError) -> MediaKeys { try keys(of: answering()) }

    /// The keys of what `jid` sends, for media that comes before the answer. Once a device answered they are that
    /// device's or none.
    ///
    /// - Throws: ``CallKeyError/wrongDevice(_:)`` for another device than the one that answered, and for a LID without
    ///   device, even where device 0 answered.
    public func receive(from jid: String) throws(CallKeyError) -> MediaKeys {
        let participant = try participantID(of: jid)
        if let answeringDevice {
            if namesNoDevice(jid, participant) {
                throw .wrongDevice("\(jid) names no device, and \(answeringDevice) answered")
            }
            // By bytes: two texts that only look the same are two devices.
            if !participant.utf8.elementsEqual(answeringDevice.utf8) {
                throw .wrongDevice("\(answeringDevice) answered, not \(participant)")
            }
        }
        return try keys(of: participant)
    }

    private func keys(of participant: String) throws(CallKeyError) -> MediaKeys {
        MediaKeys(
            participant: participant, srtp: try theirs.e2eKeys(of: participant),
            sframe: try theirs.sframeKey(of: sframeByReceiver ? own : participant))
    }

    private func answering() throws(CallKeyError) -> String {
        guard let answeringDevice else { throw .notAnswered("which device answered is not known yet") }
        return answeringDevice
    }
}

/// The participant id of a JID that has to name a device.
private func device(_ jid: String) throws(CallKeyError) -> String {
    let participant = try participantID(of: jid)
    if namesNoDevice(jid, participant) {
        throw .wrongDevice("\(jid) names no device: derived keys would be those of device 0")
    }
    return participant
}

/// Whether the derivations would make device 0 of a LID that names no device.
private func namesNoDevice(_ jid: String, _ participant: String) -> Bool {
    let named = String(decoding: jid.utf8.prefix { $0 != UInt8(ascii: "/") }, as: UTF8.self)
    return participant.hasSuffix(":0@lid") && !named.contains(":0@lid")
}
