/// The keys of one call: ours to send, theirs to receive.
///
/// Both come from the offer's key, unless the accept has the peer's own key. The device number is part of every
/// derivation, so the receiving keys depend on the device that answered: read it from the accept (``answered(_:)``, or
/// ``accepted(_:)`` if it has a key), name it (``answered(by:)``), or find it from the first packet
/// (``answered(from:among:roc:tagLength:)``). From then on keys of any other device of the peer are not returned: with
/// them nothing fails, but the audio is noise.
///
/// Keys returned before the answer belong to the app: call ``receive()``, and with `sframeByReceiver` also
/// ``send()``, again after each of the four. SRTP, SRTCP and SFrame keys come together.
///
/// It is noncopyable, like the secrets in it. Keep it in an actor or class of your own.
public struct Call: ~Copyable, Sendable {
    /// The offer's key, to send the same offer again.
    public let key: CallKey
    /// The participant id of the device that answered; nil while it is unknown.
    public private(set) var answeringDevice: String?

    private let own: String
    private let callID: String?
    private let devices: [String]?
    private let sframeByReceiver: Bool
    private var theirs: CallKey
    /// The device that sent `theirs` in its accept; nil: it is the offer's key.
    private var keyedBy: String?

    /// A call of the device `own`.
    ///
    /// - Parameters:
    ///   - own: this device's JID, with device.
    ///   - key: the offer's call key, sealed by us or opened.
    ///   - callID: the call's id. Without it an accept of any call is taken, and there are no ``ssrcs(of:)``.
    ///   - devices: the devices that were called; a LID without device means device 0. Without them an accept from
    ///     any device is taken.
    ///   - sframeByReceiver: derive SFrame keys with the receiver's id instead of the sender's. Implementations
    ///     disagree; with the wrong one frames don't authenticate.
    /// - Throws: ``CallKeyError/wrongDevice(_:)`` if `own` is a LID without device, ``CallKeyError/argument(_:)`` if
    ///   `callID` is empty, ``CallKeyError/participant(_:)`` if one of `devices` is.
    public init(
        own: String, key: consuming CallKey, callID: String? = nil, devices: [String]? = nil,
        sframeByReceiver: Bool = false
    ) throws(CallKeyError) {
        if let callID, callID.isEmpty { throw .argument("callID is empty") }
        var called: [String]?
        if let devices {
            called = []
            for jid in devices { called?.append(try participantID(of: jid)) }
        }
        self.init(device: try device(own), key, callID, called, sframeByReceiver)
    }

    private init(
        device: String, _ key: consuming CallKey, _ callID: String?, _ devices: [String]?, _ sframeByReceiver: Bool
    ) {
        own = device
        self.callID = callID
        self.devices = devices
        self.sframeByReceiver = sframeByReceiver
        theirs = CallKey(owning: SecretBytes(copying: key.secret.buffer))
        self.key = key
    }

    /// Sets the device that answered. Called again with another device, that one
    /// counts.
    ///
    /// - Throws: ``CallKeyError/wrongDevice(_:)`` for a LID without device, which names the user but not the device.
    public mutating func answered(by jid: String) throws(CallKeyError) {
        answeringDevice = try device(jid)
    }

    /// Finds the device that answered from an SRTP packet, and returns its participant id.
    ///
    /// - Parameters:
    ///   - packet: as received: RTP header with CSRCs and extension, encrypted payload, tag.
    ///   - devices: the called devices; a LID without device means device 0.
    ///   - roc: the roll-over counter of its SSRC, 0 for a stream's first 65536 packets.
    ///   - tagLength: 4 (`AES_CM_128_HMAC_SHA1_32`) or 10 (`AES_CM_128_HMAC_SHA1_80`).
    /// - Throws: ``CallKeyError/authentication(_:)`` if none of them sent it; then nothing has changed.
    @discardableResult
    public mutating func answered(
        from packet: some Collection<UInt8>, among devices: [String], roc: UInt32 = 0, tagLength: UInt32 = 4
    ) throws(CallKeyError) -> String {
        let index = try theirs.selectParticipant(among: devices, packet: packet, roc: roc, tagLength: tagLength)
        let participant = try participantID(of: devices[index])
        answeringDevice = participant
        return participant
    }

    /// Takes an accept without a key: its sender answered. On the wire device 0 has no number, so a sender without
    /// device is device 0. Its streams use the offer's key, also after another device's accept with a key of its own.
    ///
    /// - Parameter info: of the ``CallKeyError/notForThisDevice(_:)`` that ``Store/openOffer(_:own:sender:)`` or
    ///   ``ParsedOffer`` threw for the accept.
    /// - Throws: ``CallKeyError/wrongDevice(_:)`` if the accept names no device that was called,
    ///   ``CallKeyError/argument(_:)`` if it is of another call, has a key of its own, or the stanza is not an accept;
    ///   then nothing has changed.
    public mutating func answered(_ info: OfferInfo) throws(CallKeyError) {
        let device = try accepting(info)
        guard info.encType == .none && info.encVersion == 0 else {  // perhaps a newer one
            throw .argument("the accept has a key of its own: pass it to accepted(_:)")
        }
        if let keyedBy, !keyedBy.utf8.elementsEqual(device.utf8) {
            theirs = CallKey(owning: SecretBytes(copying: key.secret.buffer))
            self.keyedBy = nil
        }
        answeringDevice = device
    }

    /// Adds the key of an accept. From now on the peer's streams use that key, and ours still use our own; the
    /// accept's sender answered.
    ///
    /// - Parameter accept: the result of ``Store/openOffer(_:own:sender:)`` for it.
    /// - Throws: ``CallKeyError/wrongDevice(_:)`` if it names no device that was called, ``CallKeyError/argument(_:)``
    ///   if it is of another call or not an accept; then nothing has changed.
    public mutating func accepted(_ accept: consuming OpenedOffer) throws(CallKeyError) {
        answeringDevice = try accepting(accept.info)
        keyedBy = answeringDevice
        theirs = accept.key
    }

    /// The keys of the streams that we send.
    ///
    /// - Throws: ``CallKeyError/notAnswered(_:)`` with `sframeByReceiver`, while the answering device is
    ///   unknown.
    public func send() throws(CallKeyError) -> MediaKeys {
        let receiver = sframeByReceiver ? try answering() : own
        return MediaKeys(participant: own, srtp: try key.e2eKeys(of: own), sframe: try key.sframeKey(of: receiver))
    }

    /// The keys of the streams that the answering device sends.
    ///
    /// - Throws: ``CallKeyError/notAnswered(_:)`` while it is unknown.
    public func receive() throws(CallKeyError) -> MediaKeys { try keys(of: answering()) }

    /// The keys of the streams that `jid` sends, for media before the answer. Once a device answered, only its
    /// keys are returned.
    ///
    /// - Throws: ``CallKeyError/wrongDevice(_:)`` for a device other than the one that answered, and for a LID without
    ///   device, even if device 0 answered.
    public func receive(from jid: String) throws(CallKeyError) -> MediaKeys { try keys(of: sender(jid)) }

    /// The SSRCs of the streams that `jid` sends; nil: of ours.
    ///
    /// - Throws: ``CallKeyError/wrongDevice(_:)`` as ``receive(from:)``, and ``CallKeyError/argument(_:)`` if the call
    ///   has no call id.
    public func ssrcs(of jid: String? = nil) throws(CallKeyError) -> SSRCs {
        guard let callID else { throw .argument("the call has no callID, from which SSRCs are derived") }
        guard let jid else { return try SSRCs(callID: callID, participant: own) }
        return try SSRCs(callID: callID, participant: sender(jid))
    }

    /// The participant id of a peer's device; once one answered, only of that one.
    private func sender(_ jid: String) throws(CallKeyError) -> String {
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
        return participant
    }

    /// The participant id of the device that sent the accept.
    private func accepting(_ info: OfferInfo) throws(CallKeyError) -> String {
        guard info.isAccept else { throw .argument("the stanza is not an accept: its kind is \(info.kind)") }
        // By bytes: texts that only look the same are two calls, or two devices.
        if let callID, !callID.utf8.elementsEqual(info.callID.utf8) {
            throw .argument("the accept is of the call \"\(info.callID)\", not \"\(callID)\"")
        }
        let sender = info.sender.isEmpty ? "" : try participantID(of: info.sender)
        // An accept with a key may have only the call's creator to open it with.
        if sender.isEmpty || sender.utf8.elementsEqual(own.utf8) {
            throw .wrongDevice("the accept names no device that answered: it is from \"\(info.from)\"")
        }
        guard let devices else { return sender }
        guard let device = devices.first(where: { numbered($0).utf8.elementsEqual(numbered(sender).utf8) }) else {
            throw .wrongDevice("\(info.sender) was not called")
        }
        return device
    }

    private func keys(of participant: String) throws(CallKeyError) -> MediaKeys {
        MediaKeys(
            participant: participant, srtp: try theirs.e2eKeys(of: participant),
            sframe: try theirs.sframeKey(of: sframeByReceiver ? own : participant))
    }

    private func answering() throws(CallKeyError) -> String {
        guard let answeringDevice else { throw .notAnswered("the device that answered is not known yet") }
        return answeringDevice
    }
}

/// The participant id of a JID that must name a device.
private func device(_ jid: String) throws(CallKeyError) -> String {
    let participant = try participantID(of: jid)
    if namesNoDevice(jid, participant) {
        throw .wrongDevice("\(jid) names no device: derived keys would be those of device 0")
    }
    return participant
}

/// The participant id with a device: device 0 has no number on the wire.
private func numbered(_ participant: String) -> String {
    guard !participant.contains(":"), let at = participant.lastIndex(of: "@") else { return participant }
    return "\(participant[..<at]):0\(participant[at...])"
}

/// Whether the JID is a LID without a device, which the derivations treat as device 0.
private func namesNoDevice(_ jid: String, _ participant: String) -> Bool {
    let named = String(decoding: jid.utf8.prefix { $0 != UInt8(ascii: "/") }, as: UTF8.self)
    return participant.hasSuffix(":0@lid") && !named.contains(":0@lid")
}
