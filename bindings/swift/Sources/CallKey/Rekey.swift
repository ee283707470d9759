import CCallKey

/// The result of ``Store/openRekey(_:sender:)``: a group's epoch, and the stanza's information
/// about it.
@frozen public struct OpenedRekey: ~Copyable, Sendable {
    public let epoch: Epoch
    /// Its transaction id is the epoch's number.
    public let info: OfferInfo
}

/// The stanza that carries a group call's epoch to one device.
public enum Rekey {
    /// The `<call><enc_rekey>` for an epoch that the app's own Signal session encrypted:
    /// ``Store/sealRekey(_:transactionID:for:options:)`` without its store. It goes to the device of `enc`.
    ///
    /// - Parameters:
    ///   - enc: the ciphertext of ``Plaintext/init(of:)`` with the epoch's key.
    ///   - transactionID: the epoch's number in its call, above all earlier ones; not 0.
    ///   - options: as for ``Store/sealRekey(_:transactionID:for:options:)``.
    /// - Throws: ``CallKeyError/deviceIdentity(_:)`` for a pkmsg without one, ``CallKeyError/argument(_:)`` for an
    ///   empty ciphertext.
    public static func build(
        _ enc: Enc, transactionID: UInt32, options: OfferOptions
    ) throws(CallKeyError) -> [UInt8] {
        try withEncs([enc]) { row, _ throws(CallKeyError) in
            try withOptions(options) { options throws(CallKeyError) in
                try output { out, size in callkey_rekey_build(out, &size, row, transactionID, options) }
            }
        }
    }
}

extension Store {
    /// Encrypts a group call's epoch for one device and writes the `<call><enc_rekey>` that carries it.
    /// Call it once for each device of the other participants, with one epoch and one number.
    ///
    /// - Parameters:
    ///   - epoch: from ``Epoch/generate()``, fresh for every number.
    ///   - transactionID: the epoch's number in its call, above all earlier ones; not
    ///     0.
    ///   - jid: the device.
    ///   - options: call id, call creator, stanza id and, for a pkmsg, device identity are used; others
    ///     are ignored, so the options of an offer will do.
    /// - Throws: ``CallKeyError/noSession(_:)`` (see ``Session/begin(_:)``),
    ///   ``CallKeyError/untrustedIdentity(_:jid:identityKey:)`` and ``CallKeyError/deviceIdentity(_:)``.
    public func sealRekey(
        _ epoch: borrowing Epoch, transactionID: UInt32, for jid: String, options: OfferOptions
    ) throws(CallKeyError) -> [UInt8] {
        let key = epoch.key.secret.view
        return try presenting(jid) { () throws(CallKeyError) in
            try withText(jid, "jid") { jid throws(CallKeyError) in
                try withOptions(options) { options throws(CallKeyError) in
                    try output { out, size in
                        callkey_rekey_seal(handle, out, &size, key.pointer, key.count, transactionID, jid, options)
                    }
                }
            }
        }
    }

    /// Decrypts the epoch in an `<enc_rekey>`, with or without its `<call>`. Pass it to
    /// ``Epochs/add(_:transactionID:)`` if its sender may send one: the creator of the call, or a connected
    /// member of its roster.
    ///
    /// - Parameters:
    ///   - wire: binary XML, flag byte first, compressed or not.
    ///   - sender: the sending device; nil: the one that the stanza names.
    /// - Throws: as ``openOffer(_:own:sender:)``; ``CallKeyError/malformed(_:)`` also for another stanza.
    public func openRekey(
        _ wire: some Collection<UInt8>, sender: String? = nil
    ) throws(CallKeyError) -> OpenedRekey {
        let wire = Array(wire)
        let key = SecretBytes(count: Int(CALLKEY_KEY_BYTES))
        var c = OfferInfo.empty
        do throws(CallKeyError) {
            try check(
                withText(optional: sender, "sender") {
                    callkey_rekey_open(handle, key.pointer, &c, wire, wire.count, $0)
                })
        } catch {
            throw refusal(error, OfferInfo(ofFailure: c), of: wire, sender: sender)
        }
        return OpenedRekey(epoch: Epoch(owning: key), info: OfferInfo(c))
    }
}
