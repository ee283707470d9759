import CallKey
import Testing

@Suite struct AccountTests {
    // After a restart the device would have another identity, and every peer would be warned.
    @Test func accountComesBack() throws {
        let account = try Account.generate()
        #expect((1...16380).contains(account.registrationID))
        let again = try account.withUnsafeBytes {
            try Account(privateKey: $0, registrationID: account.registrationID)
        }
        #expect(try again.identity == account.identity)
        #expect(status { _ = try Account(privateKey: [1], registrationID: 1).identity } == "KEY_LENGTH")
        let wiped = try Account(privateKey: [UInt8](repeating: 0, count: 32), registrationID: 1)
        #expect(status { try wiped.identity } == "INVALID_KEY")
    }

    // A peer would reject the bundle, so nobody could call the device.
    @Test func publishedKeys() throws {
        let account = try Account.generate()
        let prekey = try Prekey.generate(id: 9)
        let signed = try account.signedPrekey(id: 4)
        let peer = try Store.open()
        try peer.session(with: Pair.bob).begin(bundle(account, prekey.published, signed.published))
        #expect(prekey.published.id == 9 && signed.published.id == 4)
        #expect(prekey.privateKey.count == 32 && signed.privateKey.count == 32)
        #expect(try prekey.privateKey.withUnsafeBytes { try PrivateKey(bytes: $0).count } == 32)
        #expect(status { _ = try Prekey.generate(id: 0).published } == "ARGUMENT")
        #expect(status { _ = try account.signedPrekey(id: 1 << 24).published } == "ARGUMENT")
    }

    // A signature of something else would be accepted for a prekey.
    @Test func signature() throws {
        let account = try Account.generate()
        let published = try account.signedPrekey(id: 4).published
        let own = try account.sign([5] + published.publicKey)
        #expect(try own != account.sign([5] + published.publicKey))
        let peer = try Store.open()
        try peer.session(with: Pair.bob).begin(bundle(account, nil, published, own))
        let other = try account.sign([5] + published.publicKey + [1])
        let forged = try bundle(account, nil, published, other)
        #expect(status { try peer.session(with: Pair.bob).begin(forged) } == "INVALID_KEY")
    }

    // A program would fetch the wrong private keys, or begin a session twice.
    @Test func messageInfo() throws {
        let pair = try Pair()
        let key = try CallKey.generate()
        let first = try pair.caller.sealEnc(key, for: Pair.bob)
        let info = try #require(try MessageInfo(parsing: first.ciphertext, type: first.type))
        #expect(info.prekeyID > 0 && info.signedPrekeyID > 0 && info.baseKey.contains { $0 != 0 })
        #expect(try info.identityKey == pair.caller.identity.publicKey)
        #expect(try info.registrationID == pair.caller.identity.registrationID)
        try pair.acknowledge()
        let later = try pair.caller.sealEnc(key, for: Pair.bob)
        #expect(try later.type == .msg && MessageInfo(parsing: later.ciphertext, type: .msg) == nil)
        #expect(status { try MessageInfo(parsing: later.ciphertext, type: .pkmsg) } == "MALFORMED")
    }

    private func bundle(
        _ account: borrowing Account, _ prekey: Prekey?, _ signed: SignedPrekey, _ signature: [UInt8]? = nil
    ) throws -> PrekeyBundle {
        try PrekeyBundle(
            registrationID: account.registrationID, identityKey: account.identity.publicKey,
            signedPrekeyID: signed.id, signedPrekey: signed.publicKey,
            signedPrekeySignature: signature ?? signed.signature,
            prekeyID: prekey?.id ?? 0, prekey: prekey?.publicKey ?? [])
    }
}
