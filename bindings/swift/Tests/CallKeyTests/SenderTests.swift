import CallKey
import Testing

/// The session of a stanza's key, and an app's information about a stanza that does not open.
@Suite struct SenderTests {
    static let stranger = "666666666666666:2@lid"

    /// The information about a stanza that `body` rejects with `status`.
    func info<R: ~Copyable>(_ status: String, _ body: () throws -> R) throws -> OfferInfo? {
        do {
            _ = try body()
        } catch let error as CallKeyError {
            #expect(error.name == "CALLKEY_ERR_" + status)
            return error.info
        }
        Issue.record("not \(status)")
        return nil
    }

    // A stranger who calls in another's name would be that person from then on.
    @Test func fault28FirstContactUnderAnothersName() throws {
        let pair = try Pair()
        let key = try CallKey.generate()
        let enc = try pair.caller.sealEnc(key, for: Pair.bob)
        let delivered = Wire.offer(enc, creator: Pair.alice, from: Self.stranger)
        let refused = try info("CONFLICT") { try pair.callee.openOffer(delivered, own: [Pair.bob]) }
        let said = try #require(refused)
        #expect(said.kind == .offer && said.callID == "AB12")
        #expect(said.callCreator == Pair.alice && said.from == Self.stranger && said.sender == Self.stranger)
        #expect(try said.senderIdentity == pair.caller.identity.publicKey)
        for name in [Pair.alice, Self.stranger] {
            #expect(status { try pair.callee.identityKey(of: name) } == "NOT_FOUND")
        }
        // The app decides, and nothing was used up. After that the stranger is known under its own JID.
        let opened = try pair.callee.openOffer(delivered, own: [Pair.bob], sender: Self.stranger)
        let arrived = opened.key == key
        #expect(arrived && opened.info.sender == Self.stranger)
        #expect(status { try pair.callee.identityKey(of: Pair.alice) } == "NOT_FOUND")
    }

    // An app could not refuse a call, ask for its key once more or show a changed identity.
    @Test func fault28InfoOfWhatDoesNotOpen() throws {
        let pair = try Pair()
        let key = try CallKey.generate()
        var options = OfferOptions(to: Pair.bob, callID: "call-1", callCreator: Pair.alice)
        options.deviceIdentity = [1]
        let wire = try pair.caller.sealOffer(key, for: [Pair.bob], options: options).wire
        let expected = try ParsedOffer(wire, own: [Pair.bob]).info
        #expect(try expected.senderIdentity == pair.caller.identity.publicKey)

        let other = try Store.open()
        #expect(try info("NO_PREKEY") { try other.openOffer(wire, own: [Pair.bob]) } == expected)
        try other.trust(other.identity.publicKey, for: Pair.alice)
        #expect(try info("UNTRUSTED_IDENTITY") { try other.openOffer(wire, own: [Pair.bob]) } == expected)
        let empty = try Store.open(makingIdentity: false)
        #expect(try info("NO_IDENTITY") { try empty.openOffer(wire, own: [Pair.bob]) } == expected)
        _ = try pair.callee.openOffer(wire, own: [Pair.bob])
        #expect(try info("DUPLICATE") { try pair.callee.openOffer(wire, own: [Pair.bob]) } == expected)

        // Also if the library has not looked at the stanza.
        #expect(
            try info("ARGUMENT") { try pair.callee.openOffer(wire, own: [Pair.bob], sender: "nobody") } == expected)
        #expect(try info("ARGUMENT") { try pair.callee.openOffer(wire, own: ["1\0:0@lid"]) }?.callID == "call-1")
        try pair.callee.close()
        #expect(try info("HANDLE") { try pair.callee.openOffer(wire, own: [Pair.bob]) } == expected)
        #expect(try info("HANDLE") { try pair.callee.openRekey(wire) } == expected)
        let named = try info("HANDLE") { try pair.callee.openOffer(wire, own: [Pair.bob], sender: "1:3@c.us") }
        #expect(named?.sender == "1:3@s.whatsapp.net" && named?.callID == "call-1")
    }

    // An app that takes the enc out of the stanza itself would not learn whose identity is new.
    @Test func infoOfAnEncThatDoesNotOpen() throws {
        let pair = try Pair()
        let there = try pair.caller.sealEnc(CallKey.generate(), for: Pair.bob)
        let store = try Store.open()
        func told(_ status: String, _ ciphertext: [UInt8], type: EncType = .pkmsg, from jid: String) throws -> OfferInfo
        {
            try #require(try info(status) { try store.openEnc(ciphertext, type: type, version: 3, from: jid) })
        }
        let unknown = try told("NO_PREKEY", there.ciphertext, from: "1:2@c.us")
        #expect(unknown.kind == .none && unknown.encType == .pkmsg && unknown.encVersion == 3)
        #expect(unknown.sender == "1:2@s.whatsapp.net" && unknown.callID == "" && unknown.from == "")
        #expect(try unknown.senderIdentity == pair.caller.identity.publicKey)
        #expect(try told("MALFORMED", there.ciphertext, type: .msg, from: Pair.alice).senderIdentity == nil)
        #expect(try told("MALFORMED", there.ciphertext.dropLast(), from: Pair.alice).senderIdentity == nil)
        #expect(try told("MALFORMED", [], from: Pair.alice).sender == Pair.alice)
        #expect(try told("ARGUMENT", there.ciphertext, from: "nobody").sender == "")
        #expect(try told("ARGUMENT", there.ciphertext, from: String(repeating: "x", count: 200)).sender == "")
        try store.close()
        #expect(try told("HANDLE", there.ciphertext, from: Pair.alice).sender == Pair.alice)
    }

    // An app would show a call without any information.
    @Test func fault28NoInfoOfWhatDoesNotParse() throws {
        let pair = try Pair()
        let wire = try pair.caller.sealOffer(CallKey.generate(), for: [Pair.bob]).wire
        let cut = wire.dropLast()
        #expect(try info("MALFORMED") { try ParsedOffer(cut, own: [Pair.bob]) } == nil)
        #expect(try info("MALFORMED") { try pair.callee.openOffer(cut, own: [Pair.bob], sender: Pair.alice) } == nil)
        #expect(try info("MALFORMED") { try pair.callee.openRekey(cut, sender: Pair.alice) } == nil)
    }

    // An app would not learn that a call ended, or who answered it.
    @Test(arguments: [("offer", StanzaKind.offer), ("accept", .accept), ("terminate", .other)])
    func stanzaWithoutAKey(tag: String, kind: StanzaKind) throws {
        let device = "222222222222222:7@lid"
        let action = Wire.node(tag, [("call-id", "AB12"), ("call-creator", Pair.alice)])
        let delivered = Wire.call(action, from: device)
        let store = try Store.open()
        let parsed = try info("NOT_FOR_THIS_DEVICE") { try ParsedOffer(delivered, own: [Pair.bob]) }
        let opened = try info("NOT_FOR_THIS_DEVICE") { try store.openOffer(delivered, own: [Pair.bob]) }
        #expect(parsed == opened)
        let said = try #require(opened)
        #expect(said.kind == kind && "\(said.kind)" == (kind == .other ? "other" : tag))
        #expect(said.callID == "AB12" && said.callCreator == Pair.alice && said.from == device)
        #expect(said.senderIdentity == nil)
        #expect(said.sender == (kind == .offer ? Pair.alice : device))
    }
}
