import CallKey
import Testing

@Suite struct HouseTests {
    let number = "15550001111@s.whatsapp.net"
    let user = "222222222222222@lid"

    private func meet(_ store: Store, _ jids: String...) throws {
        let other = try Store.open()
        for jid in jids { try store.session(with: jid).begin(other.takeBundle()) }
    }

    // An app could not show or clean up what it keeps about others.
    @Test func lists() throws {
        let store = try Store.open()
        #expect(try store.sessions().isEmpty && store.identities().isEmpty && store.aliases().isEmpty)
        try meet(store, Pair.bob, "333@lid")
        try store.alias(number, is: Pair.bob)
        #expect(try Set(store.sessions()) == [Pair.bob, "333:0@lid"])
        #expect(try Set(store.identities()) == [Pair.bob, "333:0@lid"])
        #expect(try store.sessions(of: user) == [Pair.bob])
        #expect(try store.identities(of: number) == [Pair.bob])
        #expect(try store.aliases() == ["15550001111@s.whatsapp.net"])
        #expect(try store.aliases(of: user) == store.aliases())
        #expect(try store.aliases(of: "333@lid").isEmpty)
        #expect(status { try store.sessions(of: Pair.bob) } == "ARGUMENT")
        try store.close()
        #expect(status { try store.sessions() } == "HANDLE")
    }

    // A user who asked to be forgotten would still be in the store, or could never be met anew.
    @Test func removeUser() throws {
        let store = try Store.open()
        try meet(store, Pair.bob, "333@lid")
        try store.alias(number, is: Pair.bob)
        #expect(status { try store.removeUser(Pair.bob) } == "ARGUMENT")
        try store.removeUser(number)
        #expect(try store.sessions() == ["333:0@lid"])
        #expect(try store.identities() == ["333:0@lid"])
        #expect(try store.aliases().isEmpty)
        try store.removeUser(number)
        try meet(store, Pair.bob)  // another identity
    }

    // A key would be sealed for an identity that the app gave up.
    @Test func removeIdentity() throws {
        let store = try Store.open()
        try meet(store, Pair.bob)
        try store.removeIdentity(of: Pair.bob)
        try store.removeIdentity(of: Pair.bob)
        #expect(try store.identities().isEmpty)
        let key = try CallKey.generate()
        #expect(status { try store.sealEnc(key, for: Pair.bob) } == "UNTRUSTED_IDENTITY")
        try meet(store, Pair.bob)
        _ = try store.sealEnc(key, for: Pair.bob)
    }

    // An operator could not tell a session that waits for its answer from one that works.
    @Test func sessionInfo() throws {
        let store = try Store.open()
        let other = try Store.open()
        #expect(status { try store.sessionInfo(of: Pair.bob) } == "NO_SESSION")
        try store.session(with: Pair.bob).begin(other.takeBundle())
        let info = try store.sessionInfo(of: Pair.bob)
        let identity = try other.identity
        #expect(info.identityKey == identity.publicKey && info.registrationID == identity.registrationID)
        #expect(info.canSeal && info.isUnacknowledged && !info.isStale && info.begun > 0)
        #expect(info.archived == 0 && info.keptKeys == 0)
        try store.session(with: Pair.bob).begin(other.takeBundle())
        #expect(try store.sessionInfo(of: Pair.bob).archived == 1)
    }

    // A moved account would have another identity.
    @Test func account() throws {
        let old = try Store.open()
        let new = try Store.open(makingIdentity: false)
        #expect(status { _ = try new.account() } == "NO_IDENTITY")
        let account = try old.account()
        #expect(account.count == 32 && account.description == "<account: 32 secret bytes>")
        try new.importIdentity(account)
        #expect(try new.identity == old.identity)
        let same = try new.account() == account
        #expect(same)
    }
}
