import CCallKey

/// The result for one device of an offer: sealed, or skipped with the reason.
public struct DeviceResult: Sendable, Equatable {
    public let jid: String
    /// ``EncType/none`` for a device that was skipped.
    public let encType: EncType
    /// Why the device was skipped, with its JID and the reason in this case; nil if the key was sealed for it.
    public let error: CallKeyError?

    public var isSealed: Bool { error == nil }
}

/// A sealed offer.
public struct Offer: Sendable, Equatable {
    /// Binary XML as in the encrypted socket frame, flag byte first.
    public let wire: [UInt8]
    /// One for each device, in the order of the devices.
    public let results: [DeviceResult]

    /// The stanza as text for people; byte contents in hexadecimal.
    public var xml: String {
        get throws(CallKeyError) { try stanzaXML(wire) }
    }

    /// The stanza for ciphertexts from the app's own Signal sessions.
    ///
    /// - Throws: ``CallKeyError/noDevices(_:results:)`` without an enc, ``CallKeyError/deviceIdentity(_:)`` for
    ///   a pkmsg without one, ``CallKeyError/argument(_:)`` for an empty ciphertext.
    public static func build(_ encs: [Enc], options: OfferOptions? = nil) throws(CallKeyError) -> [UInt8] {
        try withEncs(encs) { row, n throws(CallKeyError) in
            try withOptions(optional: options) { options throws(CallKeyError) in
                try output { out, size in callkey_offer_build(out, &size, row, n, options) }
            }
        }
    }
}

/// Calls `body` with the encs as an array of the library's structs, and their number.
func withEncs<R>(
    _ encs: [Enc], _ body: ([callkey_enc], Int) throws(CallKeyError) -> R
) throws(CallKeyError) -> R {
    // Each ciphertext's place in one block, so that no pointer outlives its bytes.
    let joint = encs.flatMap(\.ciphertext) + [0]
    return try withTexts(encs.map(\.jid), "jid") { jids, n throws(CallKeyError) in
        try withPointer(joint) { joint throws(CallKeyError) in
            var start = joint.baseAddress!
            var row: [callkey_enc] = []
            for (index, enc) in encs.enumerated() {
                row.append(
                    callkey_enc(
                        jid: jids[index], enc_type: enc.type.rawValue, ciphertext: start,
                        ciphertext_len: enc.ciphertext.count))
                start += enc.ciphertext.count
            }
            return try body(row, n)
        }
    }
}

/// The contents of a stanza without decryption: this device's ciphertext, and the information about the
/// call.
public struct ParsedOffer: Sendable, Hashable {
    public let ciphertext: [UInt8]
    /// Its sender is the first sender that the stanza names. If ``OfferInfo/from`` is another user, find out who it is
    /// before you accept an unknown identity under either name.
    public let info: OfferInfo

    /// Parses any of `<call>`, `<offer>`, `<accept>`, `<enc_rekey>`, `<destination>` and `<enc>`, compressed
    /// or not.
    ///
    /// - Parameters:
    ///   - wire: binary XML, flag byte first.
    ///   - own: this device's JIDs, LID and phone number, with device.
    /// - Throws: ``CallKeyError/notForThisDevice(_:)``, ``CallKeyError/malformed(_:)`` and
    ///   ``CallKeyError/unsupported(_:)``, with ``CallKeyError/info`` if the stanza parsed.
    public init(_ wire: some Collection<UInt8>, own: [String]) throws(CallKeyError) {
        let wire = Array(wire)
        var c = OfferInfo.empty
        do throws(CallKeyError) {
            ciphertext = try withTexts(own, "own") { own, n throws(CallKeyError) in
                try output { out, size in callkey_offer_parse(out, &size, &c, wire, wire.count, own, n) }
            }
        } catch {
            throw error.about(OfferInfo(ofFailure: c))
        }
        info = OfferInfo(c)
    }
}

/// The stanza that ``stanzaXML(_:)`` wrote as text, not compressed; between nodes there may be other white space.
///
/// A value that reads as a JID is written as one, and every other text in one form.
///
/// - Throws: ``CallKeyError/malformed(_:)``, with the line and column in bytes of UTF-8, for all that
///   ``stanzaXML(_:)`` would not write.
public func stanzaFromXML(_ xml: String) throws(CallKeyError) -> [UInt8] {
    try withText(xml, "xml") { xml throws(CallKeyError) in
        try output { out, size in callkey_stanza_from_xml(out, &size, xml) }
    }
}

/// Any stanza of WhatsApp binary XML as text for people; byte contents in hexadecimal.
///
/// - Throws: ``CallKeyError/malformed(_:)`` and ``CallKeyError/unsupported(_:)``.
public func stanzaXML(_ wire: some Collection<UInt8>) throws(CallKeyError) -> String {
    let wire = Array(wire)
    return try textOutput { out, size in callkey_stanza_to_xml(out, &size, wire, wire.count) }
}
