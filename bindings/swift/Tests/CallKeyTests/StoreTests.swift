import CallKey
import Foundation
import Testing

#if os(Linux)
    import Glibc
#endif

@Suite struct StoreTests {
    let storageKey = [UInt8](repeating: 7, count: 32)

    // An app that restarts could no longer open its messages.
    @Test func fileKeepsWhatWasDone() throws {
        let folder = try Folder()
        let path = folder.path + "/callee.db"
        let caller = try Store.open()
        let key = try CallKey.generate()
        let identity: Identity
        do {
            let callee = try Store.open(path: path, storageKey: storageKey)
            identity = try callee.identity
            try caller.session(with: Pair.bob).begin(callee.takeBundle())
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

    // A closed store would stay usable, or closing twice would stop an app that cleans up.
    @Test func closedStore() throws {
        let store = try Store.open()
        try store.close()
        try store.close()
        #expect(status { try store.identity } == "HANDLE")
        #expect(status { try store.addPrekeys(1) } == "HANDLE")
        #expect(status { try store.session(with: Pair.bob).exists() } == "HANDLE")
    }

    // A store for an account that exists elsewhere would get a new identity.
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
        let bundle = try store.takeBundle()
        #expect(bundle.signedPrekeyID == 77)
        #expect(bundle.prekeyID != 0 && bundle.prekeyID != 9)
        #expect(try store.prekeysLeft == 1)
        #expect(try store.unpublished.isEmpty)
    }

    // Two peers would get the same one-time prekey.
    @Test func fault29Prekeys() throws {
        let store = try Store.open()
        #expect(try store.addPrekeys(0).isEmpty)
        #expect(status { try store.addPrekeys(-1) } == "ARGUMENT")
        #expect(status { try store.addPrekeys(4097) } == "ARGUMENT")
        let made = try store.addPrekeys(2)
        let bundles = try [store.takeBundle(), store.takeBundle(), store.takeBundle()]
        #expect(Set(made.map(\.id) + bundles.map(\.prekeyID)).count == 5)
        #expect(Set(made.map(\.publicKey) + bundles.map(\.prekey)).count == 5)
        #expect(Set(bundles.map(\.signedPrekeyID)).count == 1)
    }

    // After a crash prekeys would never be uploaded, or be uploaded twice.
    @Test func fault29Unpublished() throws {
        let folder = try Folder()
        let path = folder.path + "/store.db"
        let made: [Prekey]
        do {
            let store = try Store.open(path: path, storageKey: storageKey)
            #expect(try store.unpublished.isEmpty)
            made = try store.addPrekeys(3)
        }
        let store = try Store.open(path: path, storageKey: storageKey)
        #expect(try store.unpublished == made)
        #expect(try store.prekeysLeft == 0)
        try store.published(made.prefix(2).map(\.id))
        #expect(status { try store.published([made[2].id, 9_999_999]) } == "NOT_FOUND")
        #expect(status { try store.published([made[2].id, store.takeBundle().prekeyID]) } == "NOT_FOUND")
        #expect(status { try store.published([made[2].id, 0]) } == "ARGUMENT")
        #expect(status { try store.published([UInt32](repeating: made[2].id, count: 4097)) } == "ARGUMENT")
        #expect(try store.unpublished == [made[2]])
        #expect(try store.prekeysLeft == 2)
        for _ in 0..<2 { try store.published(made.map(\.id)) }
        try store.published([])
        #expect(try store.unpublished.isEmpty)
        #expect(try store.prekeysLeft == 3)
    }

    // The server would have another signed prekey than the app, and no peer could call it.
    @Test func fault29SignedPrekey() throws {
        let store = try Store.open()
        #expect(status { try store.signedPrekey } == "NOT_FOUND")
        let bundle = try store.takeBundle()
        let first = try store.signedPrekey
        #expect(first.prekey.id == bundle.signedPrekeyID && first.prekey.publicKey == bundle.signedPrekey)
        #expect(abs(Double(first.since) - Date().timeIntervalSince1970) < 60)
        let rotated = try store.rotateSignedPrekey()
        #expect(rotated.signature.count == 64 && rotated.id != bundle.signedPrekeyID)
        let second = try store.signedPrekey
        #expect(second.prekey.id == rotated.id && second.prekey.publicKey == rotated.publicKey)
        #expect(try store.takeBundle().signedPrekeyID == rotated.id)
    }

    // An account with a lost file would silently become a stranger to all its peers.
    @Test func fault31MustExist() throws {
        let folder = try Folder()
        let path = folder.path + "/store.db"
        #expect(status { try Store.open(path: path, storageKey: storageKey, mustExist: true) } == "NOT_FOUND")
        #expect(status { try Store.open(path: path, storageKey: storageKey, restored: true) } == "NOT_FOUND")
        #expect(status { try Store.open(plaintextPath: path, mustExist: true) } == "NOT_FOUND")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        let made = try Store.open(path: path, storageKey: storageKey).identity
        #expect(try Store.open(path: path, storageKey: storageKey, mustExist: true).identity == made)
    }

    // The old storage key would still open the file.
    @Test func fault32ChangeKey() throws {
        let folder = try Folder()
        let path = folder.path + "/store.db"
        let fresh = [UInt8](1...32)
        let store = try Store.open(path: path, storageKey: storageKey)
        let identity = try store.identity
        #expect(status { try store.changeKey(fresh.dropLast()) } == "KEY_LENGTH")
        try store.changeKey(Data(fresh))
        #expect(try store.identity == identity)
        try store.close()
        #expect(status { try Store.open(path: path, storageKey: storageKey) } == "STORE_KEY")
        #expect(try Store.open(path: path, storageKey: fresh).identity == identity)
        #expect(status { try Store.open().changeKey(fresh) } == "ARGUMENT")
    }

    // A restored backup would seal with keys that the original used since.
    @Test func fault32CopyAndRestored() throws {
        let folder = try Folder()
        let (path, copied) = (folder.path + "/store.db", folder.path + "/copy.db")
        let peer = try Store.open()
        let store = try Store.open(path: path, storageKey: storageKey)
        try store.session(with: Pair.bob).begin(peer.takeBundle())
        try store.copy(to: copied)
        #expect(status { try store.copy(to: copied) } == "CONFLICT")
        #expect(status { try peer.copy(to: folder.path + "/memory.db") } == "ARGUMENT")
        let copy = try Store.open(path: copied, storageKey: storageKey, restored: true)
        #expect(try copy.identity == store.identity)
        let key = try CallKey.generate()
        #expect(status { try copy.sealEnc(key, for: Pair.bob) } == "NO_SESSION")
        _ = try store.sealEnc(key, for: Pair.bob)
        try copy.session(with: Pair.bob).begin(peer.takeBundle())
        let enc = try copy.sealEnc(key, for: Pair.bob)
        let arrived = try peer.openEnc(enc.ciphertext, type: enc.type, from: Pair.alice) == key
        #expect(arrived)
    }

    // An app's messages would need a second session, or one would be lost because it was taken for a call.
    @Test func messagesAndKeys() throws {
        let (alice, bob) = (try Store.open(), try Store.open())
        try alice.session(with: Pair.bob).begin(bob.takeBundle())
        let key = try CallKey.generate()
        let first = try alice.sealMessage(Array("before".utf8), for: Pair.bob)
        let enc = try alice.sealEnc(key, for: Pair.bob)
        let late = try alice.sealMessage([], for: Pair.bob)
        #expect(first.type == .pkmsg)
        let arrived = try bob.openEnc(enc.ciphertext, type: enc.type, from: Pair.alice) == key
        #expect(arrived)
        #expect(status { try bob.openEnc(first.ciphertext, type: first.type, from: Pair.alice) } == "MALFORMED")
        #expect(try bob.openMessage(first.ciphertext, type: first.type, from: Pair.alice) == Array("before".utf8))
        #expect(try bob.openMessage(late.ciphertext, type: late.type, from: Pair.alice) == [])
        for seen in [first, enc, late] {
            #expect(status { try bob.openMessage(seen.ciphertext, type: seen.type, from: Pair.alice) } == "DUPLICATE")
            #expect(status { try bob.openEnc(seen.ciphertext, type: seen.type, from: Pair.alice) } == "DUPLICATE")
        }
        #expect(status { try alice.sealMessage([1], for: "9:9@lid") } == "NO_SESSION")
        #expect(
            status { try alice.sealMessage([UInt8](repeating: 1, count: (1 << 24) + 1), for: Pair.bob) } == "ARGUMENT")
    }

    // One device would stop the others, or get what is another's.
    @Test func batches() throws {
        let alice = try Store.open()
        let names = (0..<5).map { "44444444444444\($0):1@lid" }
        let devices = try names.map { _ in try Store.open() }
        let bundles = try zip(names, devices).map { (jid: $0, bundle: try $1.takeBundle()) }
        let stranger = try Store.open().takeBundle()
        let begun = try alice.beginSessions(bundles + [(jid: "nobody", bundle: stranger)])
        #expect(begun.map(\.isSealed) == [true, true, true, true, true, false])
        #expect(begun.map(\.jid) == names + ["nobody"])

        let texts = names.indices.map { (jid: names[$0], plaintext: [UInt8](repeating: UInt8($0), count: $0 * 7)) }
        let sealed = try alice.sealMessages(texts + [(jid: names[2], plaintext: [1]), (jid: "9:9@lid", plaintext: [])])
        for index in names.indices {
            #expect(sealed[index].jid == names[index] && sealed[index].encType == .pkmsg)
            let opened = try devices[index].openMessage(sealed[index].content, type: .pkmsg, from: Pair.alice)
            #expect(opened == texts[index].plaintext)
        }
        #expect(sealed[5...].allSatisfy { !$0.isSealed && $0.content.isEmpty && $0.encType == .none })

        let epoch = try Epoch.generate()
        var options = OfferOptions(to: Pair.bob, callID: "AB12", callCreator: Pair.alice)
        options.deviceIdentity = [1]
        let stanzas = try alice.sealRekeys(epoch, transactionID: 3, for: ["9:9@lid"] + names, options: options)
        #expect(!stanzas[0].isSealed && stanzas[0].content.isEmpty)
        for index in names.indices {
            let opened = try devices[index].openRekey(stanzas[index + 1].content)
            #expect(opened.info.transactionID == 3)
            let same = opened.epoch == epoch
            #expect(same)
        }

        #expect(status { try alice.beginSessions([]) } == "NO_DEVICES")
        #expect(status { try alice.beginSessions([(jid: names[0], bundle: stranger)]) } == "NO_DEVICES")
        do throws(CallKeyError) {
            _ = try alice.sealMessages([(jid: "9:9@lid", plaintext: [1])])
            Issue.record("sealed without a session")
        } catch {
            guard case .noDevices(_, let results) = error else { throw error }
            #expect(results.map(\.jid) == ["9:9@lid"] && !results[0].isSealed)
        }
        let nobody = status { try alice.sealRekeys(epoch, transactionID: 3, for: ["9:9@lid"], options: options) }
        #expect(nobody == "NO_DEVICES")
    }

    // An app killed between our commit and its own would lose the key.
    @Test func fault47KeepOpened() throws {
        let folder = try Folder()
        let path = folder.path + "/store.db"
        let caller = try Store.open()
        let key = try CallKey.generate()
        let enc: Enc
        do {
            let store = try Store.open(path: path, storageKey: storageKey, keepOpened: true)
            try caller.session(with: Pair.bob).begin(store.takeBundle())
            enc = try caller.sealEnc(key, for: Pair.bob)
            _ = try store.openEnc(enc.ciphertext, type: enc.type, from: Pair.alice)
        }
        let store = try Store.open(path: path, storageKey: storageKey, keepOpened: true)
        let again = try store.openEnc(enc.ciphertext, type: enc.type, from: Pair.alice) == key
        #expect(again)
        for _ in 0..<2 { try store.messageDone(from: Pair.alice, ciphertext: enc.ciphertext) }
        #expect(status { try store.openEnc(enc.ciphertext, type: enc.type, from: Pair.alice) } == "DUPLICATE")
        #expect(status { try store.messageDone(from: "nobody", ciphertext: enc.ciphertext) } == "ARGUMENT")
        // Also in memory, and only on request.
        for (keepOpened, device) in [(true, "3:0@lid"), (false, "4:0@lid")] {
            let store = try Store.open(keepOpened: keepOpened)
            try caller.session(with: device).begin(store.takeBundle())
            let enc = try caller.sealEnc(key, for: device)
            _ = try store.openEnc(enc.ciphertext, type: enc.type, from: Pair.alice)
            let twice = status { try store.openEnc(enc.ciphertext, type: enc.type, from: Pair.alice) }
            #expect(twice == (keepOpened ? "OK" : "DUPLICATE"))
        }
    }

    #if os(Linux)
        // An app that waits for another process longer than it said would miss its call, or not as long and lose it.
        @Test(arguments: [1, 60_000] as [UInt32]) func heldByAnother(busyMilliseconds: UInt32) throws {
            let folder = try Folder()
            let path = folder.path + "/store.db"
            let store = try Store.open(path: path, storageKey: storageKey, busyMilliseconds: busyMilliseconds)
            let holder = try Holder(path)
            if busyMilliseconds == 1 {
                #expect(status { try store.rotateSignedPrekey() } == "BUSY")
                holder.release()
            } else {
                // Longer than without the parameter.
                Thread.detachNewThread {
                    sleep(6)
                    holder.release()
                }
            }
            #expect(status { try store.rotateSignedPrekey() } == "OK")
            try store.close()
            holder.close()
        }

        /// Holds a store's lock for writing, as another process would: by a lock that belongs to the open file.
        struct Holder {
            private static let setLock: Int32 = 37  // F_OFD_SETLK
            private let file: Int32

            init(_ path: String) throws {
                file = Glibc.open(path + "-shm", O_RDWR)
                try set(F_WRLCK)
            }

            func release() { #expect(throws: Never.self) { try set(F_UNLCK) } }

            /// After the store, for closing the file takes the process's own locks away.
            func close() { _ = Glibc.close(file) }

            private func set(_ type: Int32) throws {
                var lock = flock()
                (lock.l_type, lock.l_whence, lock.l_start, lock.l_len) = (Int16(type), Int16(SEEK_SET), 120, 1)
                try #require(fcntl(file, Self.setLock, &lock) == 0)
            }
        }
    #endif

    // A bundle could not go from a Python program to a Swift app, or damage would go unnoticed until a call.
    @Test func bundleAsJSON() throws {
        let store = try Store.open()
        let bundle = try store.takeBundle()
        let json = try JSONEncoder().encode(bundle)
        #expect(try JSONDecoder().decode(PrekeyBundle.self, from: json) == bundle)

        // The Python package's output for a device without a one-time prekey.
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

    // Sessions could not move to another device, or would stay in use on both.
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
        #expect(status { try session.restore(Record(bytes: [1, 2, 3])) } == "MALFORMED")
        #expect(status { try pair.caller.session(with: "no device").exists() } == "ARGUMENT")
        #expect(status { try pair.caller.session(with: "1\0@lid").exists() } == "ARGUMENT")
    }

    // A device that was set up anew could not be called, or an attacker's key would be taken silently.
    @Test func changedIdentity() throws {
        let pair = try Pair()
        #expect(status { try pair.caller.identityKey(of: "333333333333333:0@lid") } == "NOT_FOUND")
        #expect(try pair.caller.identityKey(of: Pair.bob) == pair.callee.identity.publicKey)
        let anew = try Store.open()
        let bundle = try anew.takeBundle()
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
        for _ in 0..<2 { try pair.caller.unalias("1555@s.whatsapp.net") }
        #expect(try !pair.caller.session(with: "1555@s.whatsapp.net").exists())
        #expect(try pair.caller.session(with: Pair.bob).exists())
        #expect(status { try pair.caller.unalias("nobody") } == "ARGUMENT")
        #expect(status { try pair.caller.unalias("1555\0@s.whatsapp.net") } == "ARGUMENT")
    }

    // A call to a number would reach its previous device.
    @Test func fault24NumberThatChangesItsOwner() throws {
        let pair = try Pair()
        let owner = try Store.open()
        let (number, device) = ("1555@s.whatsapp.net", "888:0@lid")
        try pair.caller.alias(number, is: Pair.bob)
        try pair.caller.alias(number, is: device)
        #expect(try pair.caller.session(with: Pair.bob).exists())
        #expect(try pair.caller.identityKey(of: Pair.bob) == pair.callee.identity.publicKey)
        #expect(status { try pair.caller.identityKey(of: number) } == "NOT_FOUND")
        #expect(try !pair.caller.session(with: number).exists())
        try pair.caller.session(with: number).begin(owner.takeBundle())
        let key = try CallKey.generate()
        let enc = try pair.caller.sealEnc(key, for: number)
        #expect(status { try pair.callee.openEnc(enc.ciphertext, type: enc.type, from: Pair.alice) } != "OK")
        let arrived = try owner.openEnc(enc.ciphertext, type: enc.type, from: Pair.alice) == key
        #expect(arrived)
        #expect(status { try pair.caller.alias(device, is: number) } == "CONFLICT")
        #expect(try pair.caller.session(with: device).exists())
    }

    // An app could not tell a full disk from a wrong path.
    @Test func reasonOfTheSystem() {
        var reason: Int32 = -1
        do throws(CallKeyError) {
            _ = try Store.open(path: "/no such folder/store", storageKey: storageKey)
        } catch {
            if case .store(let details) = error { reason = details.errno }
        }
        #expect(reason == ENOENT)
    }
}
