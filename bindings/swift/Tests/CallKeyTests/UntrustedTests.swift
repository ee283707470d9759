import CallKey
import Testing

/// An identity key that is not the trusted one: the device and the key that the error names.
@Suite struct UntrustedTests {
    static let desktop = "222222222222222:12@lid"
    static let anew = OfferOptions(to: "1@lid", callID: "AB12", callCreator: desktop)

    /// The caller knew `before`, and the same device is installed anew as `now`.
    let caller: Store
    let before: Store
    let now: Store
    let options: OfferOptions

    init() throws {
        caller = try Store.open()
        before = try Store.open()
        now = try Store.open()
        try caller.session(with: Self.desktop).begin(before.takeBundle())
        try now.session(with: Pair.alice).begin(caller.takeBundle())
        var options = Self.anew
        options.deviceIdentity = [1]
        self.options = options
    }

    /// Expects `body` to reject this key of the desktop; nil: one that no function tells.
    func refused<R: ~Copyable>(_ key: [UInt8]?, _ body: () throws -> R) throws {
        do {
            _ = try body()
            Issue.record("it is trusted")
        } catch {
            guard case .untrustedIdentity(let details, let jid, let identityKey) = error as? CallKeyError else {
                throw error
            }
            #expect(jid == Self.desktop && identityKey == key && !details.words.isEmpty)
        }
    }

    // The app could not show which key is new, and would trust whatever the server says it is.
    @Test func whatIsPresented() throws {
        let key = try CallKey.generate()
        let epoch = try Epoch.generate()
        let new = try now.identity.publicKey
        let enc = try now.sealEnc(key, for: Pair.alice)
        let offer = try now.sealOffer(key, for: [Pair.alice], options: options).wire
        let rekey = try now.sealRekey(epoch, transactionID: 1, for: Pair.alice, options: options)
        try refused(new) { try caller.session(with: Self.desktop).begin(now.takeBundle()) }
        try refused(new) { try caller.openEnc(enc.ciphertext, type: enc.type, from: Self.desktop) }
        try refused(new) { try caller.openMessage(enc.ciphertext, type: enc.type, from: Self.desktop) }
        try refused(new) { try caller.openOffer(offer, own: [Pair.alice]) }
        try refused(new) { try caller.openRekey(rekey, sender: Self.desktop) }
        try caller.trust(new, for: Self.desktop)
        let opened = try caller.openEnc(enc.ciphertext, type: enc.type, from: Self.desktop)
        let arrived = opened == key
        #expect(arrived)
    }

    // The app would not learn that the old session, and not the device, has the key that is refused.
    @Test func sessionInUse() throws {
        let key = try CallKey.generate()
        let epoch = try Epoch.generate()
        let old = try before.identity.publicKey
        let new = try now.identity.publicKey
        let first = try caller.sealEnc(key, for: Self.desktop)
        _ = try before.openEnc(first.ciphertext, type: first.type, from: Pair.alice)
        try caller.trust(new, for: Self.desktop)
        let answer = try before.sealEnc(key, for: Pair.alice)
        #expect(answer.type == .msg)
        try refused(old) { try caller.sealEnc(key, for: Self.desktop) }
        try refused(old) { try caller.sealMessage([1], for: Self.desktop) }
        try refused(old) { try caller.sealRekey(epoch, transactionID: 1, for: Self.desktop, options: options) }
        try refused(old) { try caller.openEnc(answer.ciphertext, type: answer.type, from: Self.desktop) }
        do {
            _ = try caller.sealOffer(key, for: [Self.desktop])
            Issue.record("sealed")
        } catch {
            guard case .noDevices(_, let results) = error else { throw error }
            let refusal = try #require(results.first?.error)
            #expect(refusal.words == "\(Self.desktop): the session's identity key is not the trusted one")
            try refused(old) { throw refusal }
        }
        try caller.removeIdentity(of: Self.desktop)
        try refused(old) { try caller.sealEnc(key, for: Self.desktop) }
        // The message is of an earlier session, and the newest has the trusted key: it would be no answer.
        try caller.trust(new, for: Self.desktop)
        try caller.session(with: Self.desktop).begin(now.takeBundle())
        try refused(nil) { try caller.openEnc(answer.ciphertext, type: answer.type, from: Self.desktop) }
    }

    // The app would not learn which of many devices is installed anew.
    @Test func manyDevices() throws {
        let old = try before.identity.publicKey
        let new = try now.identity.publicKey
        let presented = "\(Self.desktop): the device's identity key is not the trusted one"
        let inUse = "\(Self.desktop): the session's identity key is not the trusted one"
        func expect<R>(_ key: [UInt8], _ words: String, _ body: () throws(CallKeyError) -> R) throws {
            do throws(CallKeyError) {
                _ = try body()
                Issue.record("done")
            } catch {
                guard case .noDevices(_, let results) = error else { throw error }
                let refusal = try #require(results.first?.error)
                #expect(refusal.words == words)
                try refused(key) { throw refusal }
            }
        }
        let bundle = try now.takeBundle()
        try expect(new, presented) { () throws(CallKeyError) in try caller.beginSessions([(Self.desktop, bundle)]) }
        try caller.trust(new, for: Self.desktop)
        try expect(old, inUse) { () throws(CallKeyError) in try caller.sealMessages([(Self.desktop, [1])]) }
        try caller.session(with: Self.desktop).remove()
        try caller.trust(old, for: Self.desktop)
        try expect(new, presented) { () throws(CallKeyError) in try caller.beginSessions([(Self.desktop, bundle)]) }
    }

    // A server that keeps records itself could not tell its users that a device's key is new, and which it is.
    @Test func recordOfAProgram() throws {
        func presented<R: ~Copyable>(_ body: () throws -> R) throws -> ([UInt8]?, OfferInfo?) {
            do {
                _ = try body()
            } catch {
                guard case .untrustedIdentity(let details, "", let key) = error as? CallKeyError else { throw error }
                return (key, details.info)
            }
            Issue.record("it is trusted")
            return (nil, nil)
        }
        let account = try caller.account()
        let other = [UInt8](repeating: 0, count: 31) + [1]
        let bundle = try now.takeBundle()
        let empty = Record(bytes: [])
        let wrong = try presented { try empty.begin(bundle, account: account, identity: other, now: 0) }
        #expect(wrong.0 == bundle.identityKey && wrong.1 == nil)
        let begun = try empty.begin(bundle, account: account, identity: nil, now: 0)
        let text = try Plaintext(of: CallKey.generate())
        #expect(try presented { try begun.seal(text, identity: nil, now: 0) }.0 == bundle.identityKey)
        let sealed = try begun.seal(text, identity: bundle.identityKey, now: 0)
        let (key, info) = try presented { try empty.open(sealed.ciphertext, identity: other, now: 0) }
        let identity = try caller.identity.publicKey
        #expect(key == identity && info?.senderIdentity == identity && info?.encType == .pkmsg && info?.sender == "")
        let answer = try now.openMessage(sealed.ciphertext.content, type: .pkmsg, from: "9:9@lid")
        #expect(answer.count == text.count)
        let back = try now.sealMessage([1], for: "9:9@lid")
        let message = Ciphertext(type: back.type, content: back.ciphertext)
        let ofSession = try presented { try sealed.record.open(message, identity: other, now: 0) }
        #expect(ofSession.0 == bundle.identityKey && ofSession.1?.encType == .msg)
    }

    // A session that moves would bring an identity that nobody can name.
    @Test func record() throws {
        let other = try Store.open()
        try other.session(with: Self.desktop).begin(now.takeBundle())
        let record = try other.session(with: Self.desktop).export()
        try refused(now.identity.publicKey) { try caller.session(with: Self.desktop).restore(record) }
    }

    // A number and a LID that are said to be one device would have two keys, and the app could compare neither.
    @Test func alias() throws {
        let number = "1555@s.whatsapp.net"
        try caller.session(with: number).begin(now.takeBundle())
        let new = try now.identity.publicKey
        try refused(new) { try caller.alias(number, is: Self.desktop) }
        try caller.trust(new, for: Self.desktop)
        try caller.alias(number, is: Self.desktop)
        #expect(try caller.identityKey(of: number) == new)
    }
}
