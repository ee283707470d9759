import CallKey
import Foundation
import Testing

@Suite struct StoreTests {
    let storageKey = [UInt8](repeating: 7, count: 32)

    // An app that restarts could no longer open what it is sent.
    @Test func fileKeepsWhatWasDone() throws {
        let folder = try Folder()
        let path = folder.path + "/callee.db"
        let caller = try Store.open()
        let key = try CallKey.generate()
        let identity: Identity
        do {
            let callee = try Store.open(path: path, storageKey: storageKey)
            identity = try callee.identity
            try callee.addPrekeys(1)
            try caller.session(with: Pair.bob).begin(callee.bundle())
            try callee.close()
        }
        let enc = try caller.sealEnc(key, for: Pair.bob)
        do {
            let callee = try Store.open(path: path, storageKey: storageKey)
            #expect(try callee.identity == identity)
            let arrived = try callee.openEnc(enc.ciphertext, type: enc.type, from: Pair.alice) == key
            #expect(arrived)
        }
        // Without close(): the last reference closed it, and the message counts as seen.
        let callee = try Store.open(path: path, storageKey: Data(storageKey))
        #expect(status { try callee.openEnc(enc.ciphertext, type: enc.type, from: Pair.alice) } == "DUPLICATE")
    }

    // A thief of the file could read the sessions, or the app would not learn why it can't.
    @Test func storageKeyIsNeeded() throws {
        let folder = try Folder()
        let path = folder.path + "/store.db"
        try Store.open(path: path, storageKey: storageKey).close()
        #expect(status { try Store.open(path: path, storageKey: [UInt8](repeating: 8, count: 32)) } == "STORE_KEY")
        #expect(status { try Store.open(path: path, storageKey: [UInt8](repeating: 8, count: 31)) } == "KEY_LENGTH")
        #expect(status { try Store.open(path: path, storageKey: []) } == "STORE_KEY")
        #expect(status { try Store.open(path: folder.path + "/none/store.db", storageKey: storageKey) } == "STORE")
        try Data("no store".utf8).write(to: URL(fileURLWithPath: folder.path + "/text.db"))
        #expect(status { try Store.open(path: folder.path + "/text.db", storageKey: storageKey) } == "STORE_CORRUPT")
        try Store.open(plaintextPath: folder.path + "/plain.db").close()
    }

    // A closed store would be used on, or closing twice would stop an app that cleans up.
    @Test func closedStore() throws {
        let store = try Store.open()
        try store.close()
        try store.close()
        #expect(status { try store.identity } == "HANDLE")
        #expect(status { try store.addPrekeys(1) } == "HANDLE")
        #expect(status { try store.session(with: Pair.bob).exists() } == "HANDLE")
    }

    // A store of an account that exists elsewhere would get an identity of its own.
    @Test func importedIdentity() throws {
        let store = try Store.open(makingIdentity: false)
        #expect(status { try store.identity } == "NO_IDENTITY")
        #expect(status { try store.importIdentity(privateKey: [1, 2, 3], registrationID: 5) } == "ARGUMENT")
        let privateKey = [UInt8](1...32)
        try store.importIdentity(privateKey: privateKey, registrationID: 5)
        try store.importIdentity(privateKey: privateKey, registrationID: 5)
        #expect(status { try store.importIdentity(privateKey: [UInt8](2...33), registrationID: 5) } == "CONFLICT")
        #expect(try store.identity.registrationID == 5)
        #expect(try store.identity.publicKey.count == 32)

        try store.importPrekey(id: 9, privateKey: privateKey)
        #expect(status { try store.importPrekey(id: 9, privateKey: [UInt8](2...33)) } == "CONFLICT")
        #expect(status { try store.importPrekey(id: 0, privateKey: privateKey) } == "ARGUMENT")
        try store.importSignedPrekey(id: 77, privateKey: privateKey)
        let bundle = try store.bundle()
        #expect(bundle.signedPrekeyID == 77)
        #expect(bundle.prekeyID == 0)
        #expect(bundle.prekey.isEmpty)
    }

    // A one-time prekey would be handed out twice.
    @Test func prekeys() throws {
        let store = try Store.open()
        #expect(try store.addPrekeys(0).isEmpty)
        #expect(status { try store.addPrekeys(-1) } == "ARGUMENT")
        #expect(status { try store.addPrekeys(4097) } == "ARGUMENT")
        let prekeys = try store.addPrekeys(2)
        let handedOut = try [store.bundle(), store.bundle(), store.bundle()]
        #expect(Set(prekeys.map(\.id)) == Set(handedOut.prefix(2).map(\.prekeyID)))
        #expect(handedOut[2].prekeyID == 0)
        #expect(try store.rotateSignedPrekey().signature.count == 64)
        #expect(try store.bundle().signedPrekeyID != handedOut[0].signedPrekeyID)
    }

    // A bundle could not go from a Python program to a Swift app, or damage would go unnoticed until a call.
    @Test func bundleAsJSON() throws {
        let store = try Store.open()
        try store.addPrekeys(1)
        let bundle = try store.bundle()
        let json = try JSONEncoder().encode(bundle)
        #expect(try JSONDecoder().decode(PrekeyBundle.self, from: json) == bundle)

        // What the Python package writes for a device without a one-time prekey.
        let key = String(repeating: "aB", count: 32)
        let python = """
            {"registration_id":1,"identity_key":"\(key)","signed_prekey_id":2,"signed_prekey":"\(key)",\
            "signed_prekey_signature":"\(key)\(key)","prekey_id":0,"prekey":""}
            """
        let read = try JSONDecoder().decode(PrekeyBundle.self, from: Data(python.utf8))
        #expect(read.identityKey == [UInt8](repeating: 0xAB, count: 32))
        for (good, bad) in [
            ("\"aB", "\"xB"), ("\"aBaB", "\"aB"), ("\"aBa", "\"a"), ("\"prekey\":\"\"", "\"prekey\":\"00\""),
        ] {
            let damaged = Data(python.replacingOccurrences(of: good, with: bad).utf8)
            #expect(status { try JSONDecoder().decode(PrekeyBundle.self, from: damaged) } == "MALFORMED", "\(bad)")
        }
    }

    // Sessions could not move to another device, or would go on in both.
    @Test func sessions() throws {
        let pair = try Pair()
        let session = pair.caller.session(with: Pair.bob)
        #expect(try session.exists())
        let record = try session.export()
        try session.remove()
        #expect(try !session.exists())
        #expect(status { try session.export() } == "NO_SESSION")
        try session.restore(record)
        #expect(try session.exists())
        #expect(status { try session.restore(SessionRecord(bytes: [1, 2, 3])) } == "MALFORMED")
        #expect(status { try pair.caller.session(with: "no device").exists() } == "ARGUMENT")
        #expect(status { try pair.caller.session(with: "1\0@lid").exists() } == "ARGUMENT")
    }

    // A device that was set up anew could not be called, or an attacker's key would be taken silently.
    @Test func changedIdentity() throws {
        let pair = try Pair()
        #expect(status { try pair.caller.identityKey(of: "333333333333333:0@lid") } == "NO_IDENTITY")
        #expect(try pair.caller.identityKey(of: Pair.bob) == pair.callee.identity.publicKey)
        let anew = try Store.open()
        let bundle = try anew.bundle()
        let session = pair.caller.session(with: Pair.bob)
        #expect(status { try session.begin(bundle) } == "UNTRUSTED_IDENTITY")
        #expect(status { try pair.caller.trust([0], for: Pair.bob) } == "ARGUMENT")
        #expect(status { try pair.caller.trust([UInt8](repeating: 0, count: 32), for: Pair.bob) } == "INVALID_KEY")
        try pair.caller.trust(bundle.identityKey, for: Pair.bob)
        try session.begin(bundle)
    }

    // Two spellings of one device would be two sessions.
    @Test func aliases() throws {
        let pair = try Pair()
        #expect(try !pair.caller.session(with: "1555@s.whatsapp.net").exists())
        try pair.caller.alias("1555@s.whatsapp.net", is: Pair.bob)
        #expect(try pair.caller.session(with: "1555@s.whatsapp.net").exists())
        #expect(status { try pair.caller.alias("", is: Pair.bob) } == "ARGUMENT")
    }
}

/// The name of the status that `body` throws, without `CALLKEY_ERR_`; "OK" when it throws nothing.
func status<R: ~Copyable>(_ body: () throws -> R) -> String {
    do {
        _ = try body()
        return "OK"
    } catch let error as CallKeyError {
        return String(error.name.dropFirst("CALLKEY_ERR_".count))
    } catch {
        return "\(error)"
    }
}
