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
