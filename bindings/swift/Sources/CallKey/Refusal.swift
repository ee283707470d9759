import CCallKey

/// What an error says beside its text: the stanza, the device, and the identity key that was presented.
extension Store {
    /// Calls `body`. An ``CallKeyError/untrustedIdentity(_:jid:identityKey:)`` gets the device and the key, which is that
    /// of its session unless it is given.
    func presenting<R>(
        _ jid: String, _ identityKey: [UInt8]? = nil, _ body: () throws(CallKeyError) -> R
    ) throws(CallKeyError) -> R {
        do throws(CallKeyError) {
            return try body()
        } catch .untrustedIdentity(let details, _, _) {
            throw .untrustedIdentity(details, jid: jid, identityKey: identityKey ?? keyOfSession(with: jid))
        }
    }

    /// The error of an open, with the contents of the stanza, also if the library has not looked at it, e.g. because the
    /// store is closed.
    func refusal(
        _ error: CallKeyError, _ told: OfferInfo?, of wire: [UInt8], own: [String] = [], sender: String?
    ) -> CallKeyError {
        let info = told ?? parsed(wire, own: own, sender: sender)
        guard case .untrustedIdentity(let details, _, _) = error, let info else { return error.about(info) }
        return .untrustedIdentity(
            CallKeyError.Details(details.words, info: info), jid: info.sender,
            identityKey: info.senderIdentity ?? keyOfSession(with: info.sender))
    }

    /// The same for an enc outside of a stanza.
    func refusal(
        _ error: CallKeyError, ofEnc ciphertext: [UInt8], type: EncType, version: UInt32, from jid: String
    ) -> CallKeyError {
        let info = OfferInfo(
            ofEnc: ciphertext, type: type, version: version == 2 || version == 3 ? version : 0, sender: device(jid))
        guard case .untrustedIdentity(let details, _, _) = error else { return error.about(info) }
        return .untrustedIdentity(
            CallKeyError.Details(details.words, info: info), jid: jid,
            identityKey: info.senderIdentity ?? keyOfSession(with: jid))
    }

    /// The error of one device among several: its status is known, its reason is that of the device alone.
    ///
    /// - Parameter presented: the identity key of a bundle; nil: the device's session was to be used.
    func error(of jid: String, status: callkey_status, presented: [UInt8]? = nil) -> CallKeyError? {
        if status == CALLKEY_OK { return nil }
        var words = String(cString: callkey_status_text(status))
        if status == CALLKEY_ERR_DUPLICATE {
            words = "an earlier device of the list is the same one"
        } else if status != CALLKEY_ERR_UNTRUSTED_IDENTITY || presented == nil {
            do throws(CallKeyError) {
                try check(withText(jid, "jid") { callkey_session_check(handle, $0) })
            } catch {
                // An untrusted identity is no session there.
                let untrusted = status == CALLKEY_ERR_UNTRUSTED_IDENTITY && error.status == CALLKEY_ERR_NO_SESSION
                if error.status == status || untrusted { words = error.words }
            }
        }
        let told = CallKeyError(status: status, "\(jid): \(words)")
        guard case .untrustedIdentity(let details, _, _) = told else { return told }
        return .untrustedIdentity(details, jid: jid, identityKey: presented ?? keyOfSession(with: jid))
    }

    /// The identity key of the newest session, unless it is the trusted one: then an earlier session was meant.
    private func keyOfSession(with jid: String) -> [UInt8]? {
        guard let key = try? sessionInfo(of: jid).identityKey else { return nil }
        return (try? identityKey(of: jid)) == key ? nil : key
    }
}

/// The same for a record, which names no device.
extension Record {
    /// Calls `body`. An ``CallKeyError/untrustedIdentity(_:jid:identityKey:)`` gets the key of the bundle or of the
    /// message, or else that of the newest session, unless it is the one that the program trusts.
    func presenting<R: ~Copyable>(
        _ presented: [UInt8]? = nil, trusted: [UInt8]?, message: Ciphertext? = nil,
        _ body: () throws(CallKeyError) -> R
    ) throws(CallKeyError) -> R {
        do throws(CallKeyError) {
            return try body()
        } catch {
            let info = message.map { OfferInfo(ofEnc: $0.content, type: $0.type, version: 0, sender: "") }
            guard case .untrustedIdentity(let details, _, _) = error else {
                throw info == nil ? error : error.about(info)
            }
            let key = presented ?? info?.senderIdentity ?? keyOfNewestSession(unless: trusted)
            throw .untrustedIdentity(CallKeyError.Details(details.words, info: info), identityKey: key)
        }
    }

    private func keyOfNewestSession(unless trusted: [UInt8]?) -> [UInt8]? {
        guard let key = try? info(identity: nil, now: 0).identityKey else { return nil }
        return key == trusted ? nil : key
    }
}

private func parsed(_ wire: [UInt8], own: [String], sender: String?) -> OfferInfo? {
    // Without names there is no enc for this device, but still the call.
    guard var info = contents(of: wire, own: own) ?? contents(of: wire, own: []) else { return nil }
    let named = sender.map(device) ?? ""
    if !named.isEmpty { info.sender = named }
    return info
}

private func contents(of wire: [UInt8], own: [String]) -> OfferInfo? {
    do throws(CallKeyError) {
        return try ParsedOffer(wire, own: own).info
    } catch {
        return error.info
    }
}

/// The name as ``OfferInfo/sender`` has it, "" for what is no device: what the library says of a stanza from it.
private func device(_ jid: String) -> String {
    let name = Array(jid.utf8)
    guard name.count < Sizes.jid else { return "" }
    let around: [UInt8] = [0, 0xF8, 4, 0xFC, 4] + Array("call".utf8) + [0xFC, 4] + Array("from".utf8)
    let accept: [UInt8] = [0xF8, 1, 0xF8, 1, 0xFC, 6] + Array("accept".utf8)
    return contents(of: around + [0xFC, UInt8(name.count)] + name + accept, own: [])?.sender ?? ""
}
