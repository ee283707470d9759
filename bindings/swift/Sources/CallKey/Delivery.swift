import CCallKey

extension Store {
    /// Encrypts a call key for one device.
    ///
    /// - Throws: ``CallKeyError/noSession(_:)`` (see ``Session/begin(_:)``) and
    ///   ``CallKeyError/untrustedIdentity(_:jid:identityKey:)``.
    public func sealEnc(_ key: borrowing CallKey, for jid: String) throws(CallKeyError) -> Enc {
        let key = key.secret.view
        var encType: UInt32 = 0
        let ciphertext = try presenting(jid) { () throws(CallKeyError) in
            try withText(jid, "jid") { jid throws(CallKeyError) in
                try output { out, size in
                    callkey_enc_seal(handle, out, &size, &encType, jid, key.pointer, key.count)
                }
            }
        }
        return Enc(jid: jid, type: EncType(rawValue: encType) ?? .none, ciphertext: ciphertext)
    }

    /// Decrypts a call key from the device `jid`.
    ///
    /// - Parameters:
    ///   - ciphertext: the enc's content.
    ///   - type: the enc's `type`.
    ///   - version: the enc's `v`: 2 or 3.
    ///   - jid: the sending device.
    /// - Throws: ``CallKeyError/authentication(_:)``, ``CallKeyError/duplicate(_:)``,
    ///   ``CallKeyError/tooFar(_:)``, ``CallKeyError/noSession(_:)``, ``CallKeyError/noPrekey(_:)``,
    ///   ``CallKeyError/untrustedIdentity(_:jid:identityKey:)``, ``CallKeyError/invalidKey(_:)``,
    ///   ``CallKeyError/malformed(_:)``, ``CallKeyError/unsupported(_:)``; then the store is unchanged.
    public func openEnc(
        _ ciphertext: some Collection<UInt8>, type: EncType, version: UInt32 = 2, from jid: String
    ) throws(CallKeyError) -> CallKey {
        let ciphertext = Array(ciphertext)
        let key = SecretBytes(count: Int(CALLKEY_KEY_BYTES))
        do throws(CallKeyError) {
            try check(
                withText(jid, "jid") {
                    callkey_enc_open(handle, key.pointer, $0, type.rawValue, version, ciphertext, ciphertext.count)
                })
        } catch {
            throw refusal(error, ofEnc: ciphertext, type: type, version: version, from: jid)
        }
        return CallKey(owning: key)
    }

    /// Encrypts any other message of the app for one device, in the session that its calls use.
    ///
    /// - Parameters:
    ///   - plaintext: at most 16777216 bytes. It is encrypted as it is: pad it first if the app's protocol has
    ///     padding.
    ///   - jid: the device.
    /// - Throws: ``CallKeyError/noSession(_:)`` (see ``Session/begin(_:)``) and
    ///   ``CallKeyError/untrustedIdentity(_:jid:identityKey:)``.
    public func sealMessage(_ plaintext: some Collection<UInt8>, for jid: String) throws(CallKeyError) -> Enc {
        let plaintext = Array(plaintext)
        var encType: UInt32 = 0
        let ciphertext = try presenting(jid) { () throws(CallKeyError) in
            try withText(jid, "jid") { jid throws(CallKeyError) in
                try output { out, size in
                    callkey_message_seal(handle, out, &size, &encType, jid, plaintext, plaintext.count)
                }
            }
        }
        return Enc(jid: jid, type: EncType(rawValue: encType) ?? .none, ciphertext: ciphertext)
    }

    /// Decrypts any other message from the device `jid`. A message opens once, either here or as a call key. One that
    /// ``openEnc(_:type:version:from:)``, ``openOffer(_:own:sender:)`` or ``openRekey(_:sender:)`` rejected can still
    /// be opened here.
    ///
    /// - Parameters:
    ///   - ciphertext: a Signal message.
    ///   - type: its type.
    ///   - jid: the sending device.
    /// - Throws: as ``openEnc(_:type:version:from:)``; then the store is unchanged.
    public func openMessage(
        _ ciphertext: some Collection<UInt8>, type: EncType, from jid: String
    ) throws(CallKeyError) -> [UInt8] {
        let ciphertext = Array(ciphertext)
        do throws(CallKeyError) {
            return try withText(jid, "jid") { jid throws(CallKeyError) in
                try output { out, size in
                    callkey_message_open(handle, out, &size, jid, type.rawValue, ciphertext, ciphertext.count)
                }
            }
        } catch {
            throw refusal(error, ofEnc: ciphertext, type: type, version: 0, from: jid)
        }
    }

    /// Drops a message that a store opened with `keepOpened` keeps, once the app has committed it. From now on the
    /// message is a ``CallKeyError/duplicate(_:)``. It need not be kept.
    ///
    /// - Parameters:
    ///   - jid: the sending device; after ``openOffer(_:own:sender:)`` and ``openRekey(_:sender:)``, the info's
    ///     sender.
    ///   - ciphertext: the enc's content; ``ParsedOffer`` reads it from a stanza.
    public func messageDone(from jid: String, ciphertext: some Collection<UInt8>) throws(CallKeyError) {
        let ciphertext = Array(ciphertext)
        try check(withText(jid, "jid") { callkey_message_done(handle, $0, ciphertext, ciphertext.count) })
    }

    /// Encrypts a call key for every device of the callee and writes the offer. A device that fails is
    /// left out and reported in the offer's results.
    ///
    /// A session begins first with each device that has a bundle in `bundles`, as in ``beginSessions(_:)``, and all is
    /// one commit: a call to new devices waits for the disk once. No session begins with a device that fails, and none
    /// at all if this method throws.
    ///
    /// The error of a device is ``CallKeyError/noSession(_:)`` (it has neither a session nor a bundle),
    /// ``CallKeyError/invalidKey(_:)`` (its bundle has a bad key or signature),
    /// ``CallKeyError/untrustedIdentity(_:jid:identityKey:)`` (with the identity key of its bundle, or else of its
    /// session), ``CallKeyError/duplicate(_:)`` (an earlier device of the list is the same one),
    /// ``CallKeyError/argument(_:)`` (it is not the JID of a device), ``CallKeyError/storeCorrupt(_:)`` (its records are
    /// damaged) or ``CallKeyError/unsupported(_:)`` (a newer library wrote them).
    ///
    /// - Parameters:
    ///   - key: generated for this call id; the same again for a repeated offer.
    ///   - devices: the callee's devices, at most 4096.
    ///   - options: nil writes only the key node, `<enc>` or `<destination>`.
    ///   - bundles: what devices published, by the JID as `devices` spells it. A device without a bundle has a session.
    /// - Throws: ``CallKeyError/noDevices(_:results:)`` without a device, or if every device failed, with the reasons in
    ///   its results; ``CallKeyError/deviceIdentity(_:)`` for a pkmsg without one; ``CallKeyError/invalidKey(_:)`` for 32
    ///   zero bytes as the key; ``CallKeyError/argument(_:)`` for a JID in `bundles` that is not in `devices`, more than
    ///   4096 devices, and options that are not valid; and with bundles ``CallKeyError/noIdentity(_:)`` for a store
    ///   without an identity, and ``CallKeyError/unsupported(_:)`` if a newer library wrote it.
    public func sealOffer(
        _ key: borrowing CallKey, for devices: [String], options: OfferOptions? = nil,
        bundles: [String: PrekeyBundle] = [:]
    ) throws(CallKeyError) -> Offer {
        let key = key.secret.view
        let known = Set(devices)
        // It would be a session that silently never begins.
        if let stray = bundles.keys.filter({ !known.contains($0) }).min() {
            throw .argument("bundles has \(stray), which is not in devices")
        }
        let published = devices.map { bundles[$0] }
        // It is seldom longer: a device adds its name and a message. A second attempt would compute all of them anew.
        let room = 4096 + 256 * devices.count
        var batch = Batch(self, devices, presented: published.map { $0?.identityKey })
        return try batch.run { batch throws(CallKeyError) in
            let wire = try withTexts(devices, "a device") { jids, n throws(CallKeyError) in
                try withOptions(optional: options) { options throws(CallKeyError) in
                    if bundles.isEmpty {
                        return try output(room: room) { out, size in
                            callkey_offer_seal(
                                handle, out, &size, &batch.statuses, &batch.encTypes, key.pointer, key.count, jids, n,
                                options)
                        }
                    }
                    return try withBundles(published) { bundles throws(CallKeyError) in
                        try output(room: room) { out, size in
                            callkey_offer_begin(
                                handle, out, &size, &batch.statuses, &batch.encTypes, key.pointer, key.count, jids,
                                bundles, n, options)
                        }
                    }
                }
            }
            return Offer(wire: wire, results: batch.results)
        }
    }

    /// Finds this device's enc in a stanza and decrypts the call key.
    ///
    /// - Parameters:
    ///   - wire: binary XML, flag byte first, compressed or not.
    ///   - own: this device's JIDs, LID and phone number, with device.
    ///   - sender: the sending device; nil: the one that the stanza names, which is its call-creator unless the
    ///     server contradicts it.
    /// - Throws: as ``openEnc(_:type:version:from:)``; ``CallKeyError/notForThisDevice(_:)``; and
    ///   ``CallKeyError/conflict(_:)`` if stanza and server name different users and neither is known to have the
    ///   identity: find out who it is and pass the sender. Whenever the stanza parses, the error's ``CallKeyError/info``
    ///   describes the call.
    public func openOffer(
        _ wire: some Collection<UInt8>, own: [String], sender: String? = nil
    ) throws(CallKeyError) -> OpenedOffer {
        let wire = Array(wire)
        let key = SecretBytes(count: Int(CALLKEY_KEY_BYTES))
        var c = OfferInfo.empty
        do throws(CallKeyError) {
            try check(
                withTexts(own, "own") { own, n throws(CallKeyError) in
                    try withText(optional: sender, "sender") {
                        callkey_offer_open(handle, key.pointer, &c, wire, wire.count, own, n, $0)
                    }
                })
        } catch {
            throw refusal(error, OfferInfo(ofFailure: c), of: wire, own: own, sender: sender)
        }
        return OpenedOffer(key: CallKey(owning: key), info: OfferInfo(c))
    }
}
