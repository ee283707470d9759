import CallKey
import Testing

/// A device of a program that keeps its account, prekeys and record itself.
private struct Device: ~Copyable {
    static let now: UInt64 = 1_800_000_000

    let account: Account
    var record = Record(bytes: [])
    var trusted: [UInt8]?
    var prekey: PrivateKey?
    var signedPrekey: PrivateKey?

    init(account: consuming Account) { self.account = account }

    mutating func publish() throws -> PrekeyBundle {
        let signed = try account.signedPrekey(id: 7)
        let one = try Prekey.generate(id: 5)
        let identity = try account.identity
        signedPrekey = try signed.privateKey.withUnsafeBytes { try PrivateKey(bytes: $0) }
        prekey = try one.privateKey.withUnsafeBytes { try PrivateKey(bytes: $0) }
        return try PrekeyBundle(
            registrationID: identity.registrationID, identityKey: identity.publicKey, signedPrekeyID: 7,
            signedPrekey: signed.published.publicKey, signedPrekeySignature: signed.published.signature,
            prekeyID: 5, prekey: one.published.publicKey)
    }

    mutating func begin(_ bundle: PrekeyBundle) throws {
        record = try record.begin(bundle, account: account, identity: trusted, now: Self.now)
        trusted = bundle.identityKey
    }

    mutating func seal(_ text: [UInt8]) throws -> Ciphertext {
        // An array lends its bytes to no closure that returns a noncopyable value.
        let plaintext = RawE2E(bytes: text)
        let sealed = try record.seal(plaintext, identity: trusted, now: Self.now)
        let ciphertext = sealed.ciphertext
        record = sealed.record.withUnsafeBytes { Record(bytes: $0) }
        return ciphertext
    }

    mutating func open(_ ciphertext: Ciphertext) throws -> [UInt8] {
        let opened = try record.open(
            ciphertext, identity: trusted, account: account, prekey: prekey, signedPrekey: signedPrekey, now: Self.now)
        record = opened.record.withUnsafeBytes { Record(bytes: $0) }
        trusted = opened.identity
        return opened.plaintext.withUnsafeBytes { Array($0) }
    }
}

@Suite struct RecordTests {
    // Two servers with their own databases could not call each other.
    @Test func bothDirections() throws {
        var caller = try Device(account: Account.generate())
        var callee = try Device(account: Account.generate())
        try caller.begin(callee.publish())
        for turn in 0..<5 {
            let ciphertext = try caller.seal([UInt8(turn)])
            #expect(ciphertext.type == (turn == 0 ? .pkmsg : .msg))
            #expect(try callee.open(ciphertext) == [UInt8(turn)])
            #expect(try caller.open(callee.seal([7])) == [7])
        }
        #expect(try callee.trusted == caller.account.identity.publicKey)
    }

    // A call key of a server would not open in an app with a store.
    @Test func withStore() throws {
        var server = try Device(account: Account.generate())
        let app = try Store.open()
        try app.session(with: Pair.alice).begin(server.publish())
        let key = try CallKey.generate()
        let enc = try app.sealEnc(key, for: Pair.alice)
        _ = try server.open(Ciphertext(type: enc.type, content: enc.ciphertext))
        let sealed = try server.record.seal(Plaintext(of: key), identity: server.trusted, now: Device.now)
        let opened = try app.openEnc(sealed.ciphertext.content, type: sealed.ciphertext.type, from: Pair.alice)
        let arrived = opened == key
        #expect(arrived)
    }

    // A program would take a wrong way out, or lose its session by a failure.
    @Test func errors() throws {
        var caller = try Device(account: Account.generate())
        var callee = try Device(account: Account.generate())
        try caller.begin(callee.publish())
        let first = try caller.seal([1])
        let trusted = caller.trusted
        let now = Device.now
        #expect(status { _ = try callee.record.open(first, identity: nil, now: now).identity } == "NO_IDENTITY")
        #expect(
            status { _ = try callee.record.open(first, identity: nil, account: callee.account, now: now).identity }
                == "NO_PREKEY")
        #expect(
            status { _ = try callee.record.open(first, identity: trusted, now: now).identity } == "UNTRUSTED_IDENTITY")
        #expect(status { _ = try callee.record.open(first, identity: [1], now: now).identity } == "ARGUMENT")
        _ = try callee.open(first)
        #expect(
            status { _ = try callee.record.open(first, identity: callee.trusted, now: now).identity } == "DUPLICATE")
        let text: [UInt8] = [2]
        #expect(
            status { try text.withUnsafeBytes { _ = try caller.record.seal($0, identity: nil, now: now).ciphertext } }
                == "UNTRUSTED_IDENTITY")
        #expect(
            status { _ = try Record(bytes: [1, 2, 3]).info(identity: trusted, now: now) } == "MALFORMED")
    }

    // The room for the next record would be too small, for good.
    @Test func skippedMessages() throws {
        var caller = try Device(account: Account.generate())
        var callee = try Device(account: Account.generate())
        try caller.begin(callee.publish())
        _ = try callee.open(caller.seal([]))
        let late = try caller.seal([9])
        for _ in 0..<300 { _ = try caller.seal([]) }
        #expect(try callee.open(caller.seal([1])) == [1])
        #expect(try callee.record.info(identity: callee.trusted, now: Device.now).keptKeys == 301)
        #expect(try callee.open(late) == [9])
    }

    // A message key would be used twice.
    @Test func merge() throws {
        var caller = try Device(account: Account.generate())
        var callee = try Device(account: Account.generate())
        try caller.begin(callee.publish())
        _ = try callee.open(caller.seal([]))
        let old = callee.record.withUnsafeBytes { Record(bytes: $0) }
        _ = try callee.open(caller.seal([]))
        let both = try old.merge(callee.record) == callee.record && callee.record.merge(old) == callee.record
        #expect(both)
        #expect(status { _ = try old.merge(caller.record).count } == "CONFLICT")
    }
}
