import CCallKey

/// The store of one account's device: identity, prekeys, and Signal sessions with other devices.
///
/// Any task or thread may use it at any time. Every method that changes something commits before it
/// returns: it returns a ciphertext only once the session's step is durable, a received key only once
/// the message counts as seen. A call may wait for the disk, so call it off the main actor.
///
/// Besides the errors that a method names, each may throw ``CallKeyError/handle(_:)`` (closed),
/// ``CallKeyError/store(_:)`` (the file can't be read or written; nothing changed), ``CallKeyError/busy(_:)``
/// (another process held the file longer than `busyMilliseconds`; nothing changed) and
/// ``CallKeyError/storeCorrupt(_:)``.
public final class Store: Sendable {
    let handle: callkey_store

    private init(
        path: String?, storageKey: (UnsafeMutablePointer<UInt8>?, Int) = (nil, 0), flags: UInt32,
        busyMilliseconds: UInt32 = 0
    ) throws(CallKeyError) {
        var handle: callkey_store = 0
        var options = callkey_store_options()
        options.struct_size = MemoryLayout<callkey_store_options>.size
        options.flags = flags
        options.busy_ms = busyMilliseconds
        try check(
            withText(optional: path, "path") {
                callkey_store_open(&handle, $0, storageKey.0, storageKey.1, &options)
            })
        self.handle = handle
    }

    /// Opens a store in memory, gone when it is closed.
    ///
    /// - Parameters:
    ///   - makingIdentity: false to import one.
    ///   - keepOpened: opened messages open again; see ``open(path:storageKey:makingIdentity:mustExist:keepOpened:restored:busyMilliseconds:)``.
    public static func open(makingIdentity: Bool = true, keepOpened: Bool = false) throws(CallKeyError) -> Store {
        try Store(path: nil, flags: flags(makingIdentity, keepOpened: keepOpened))
    }

    /// Opens a file, and makes it and its identity if it does not exist. Several processes may have it
    /// open.
    ///
    /// An open file has one name and must stay in place: opening it under a second name is ``CallKeyError/store(_:)``.
    /// So is every call on a file that was moved, replaced, or opened and closed by a second SQLite in this process.
    /// Take backups with ``copy(to:)``.
    ///
    /// - Parameters:
    ///   - path: the file; its folder must exist.
    ///   - storageKey: 32 bytes that encrypt the records; keep them in the keychain.
    ///   - makingIdentity: false to import one.
    ///   - mustExist: make no store and no identity.
    ///   - keepOpened: opened messages open again, with the same result, until ``messageDone(from:ciphertext:)``. An app
    ///     that is killed before its own commit then loses nothing. The last 256 messages are kept.
    ///   - restored: the file may be an old copy, from a backup or ``copy(to:)``. Its sessions open messages but seal
    ///     none until ``Session/begin(_:)``, because the original may have used their next keys. Implies `mustExist`.
    ///   - busyMilliseconds: how long each call waits for another process, in milliseconds; 0 means 5000.
    /// - Throws: ``CallKeyError/storeKey(_:)`` (not the file's key), ``CallKeyError/keyLength(_:)``,
    ///   ``CallKeyError/store(_:)``, ``CallKeyError/storeCorrupt(_:)`` (not a store),
    ///   ``CallKeyError/unsupported(_:)`` (written by a newer library), ``CallKeyError/notFound(_:)`` (with
    ///   `mustExist` or `restored`, if it does not exist; nothing is made).
    public static func open(
        path: String, storageKey: some Collection<UInt8>, makingIdentity: Bool = true, mustExist: Bool = false,
        keepOpened: Bool = false, restored: Bool = false, busyMilliseconds: UInt32 = 0
    ) throws(CallKeyError) -> Store {
        let flags = flags(makingIdentity, mustExist: mustExist, keepOpened: keepOpened, restored: restored)
        return try withSecret(copying: storageKey) { key, count throws(CallKeyError) in
            try Store(path: path, storageKey: (key, count), flags: flags, busyMilliseconds: busyMilliseconds)
        }
    }

    /// Opens a file without a storage key, which anyone can read. Otherwise like
    /// ``open(path:storageKey:makingIdentity:mustExist:keepOpened:restored:busyMilliseconds:)``.
    public static func open(
        plaintextPath path: String, makingIdentity: Bool = true, mustExist: Bool = false, keepOpened: Bool = false,
        restored: Bool = false, busyMilliseconds: UInt32 = 0
    ) throws(CallKeyError) -> Store {
        let flags = flags(makingIdentity, mustExist: mustExist, keepOpened: keepOpened, restored: restored)
        return try Store(
            path: path, flags: flags | UInt32(CALLKEY_STORE_PLAINTEXT), busyMilliseconds: busyMilliseconds)
    }

    private static func flags(
        _ makingIdentity: Bool, mustExist: Bool = false, keepOpened: Bool, restored: Bool = false
    ) -> UInt32 {
        UInt32(
            (makingIdentity ? 0 : CALLKEY_STORE_NO_IDENTITY)
                | (mustExist ? CALLKEY_STORE_MUST_EXIST : 0)
                | (keepOpened ? CALLKEY_STORE_KEEP_OPENED : 0)
                | (restored ? CALLKEY_STORE_RESTORED : 0))
    }

    /// Closes the store once the calls running on it have finished; later calls throw
    /// ``CallKeyError/handle(_:)``. A second close does nothing. Without it the store closes with its last
    /// reference.
    ///
    /// - Throws: ``CallKeyError/store(_:)`` if closing the file failed; everything committed is safe.
    public func close() throws(CallKeyError) {
        do {
            try check(callkey_store_close(handle))
        } catch .handle {
            // Closed before: a handle is never reused.
        }
    }

    deinit {
        // Also after close(), where it does nothing.
        _ = callkey_store_close(handle)
    }

    // MARK: The file

    /// Copies the store to a new file, in its state between two commits, while this and other processes keep using
    /// it. It has the same storage key. Open it with `restored`: it is outdated as soon as the store changes.
    ///
    /// - Throws: ``CallKeyError/conflict(_:)`` if there is a file at `path`, ``CallKeyError/argument(_:)`` for a store
    ///   in memory.
    public func copy(to path: String) throws(CallKeyError) {
        try check(withText(path, "path") { callkey_store_copy(handle, $0) })
    }

    /// Makes these 32 bytes the storage key, atomically; processes that have the store open keep working. The old key
    /// still opens older copies of the file.
    ///
    /// - Throws: ``CallKeyError/keyLength(_:)``, and ``CallKeyError/argument(_:)`` for a store in memory or without a
    ///   storage key.
    public func changeKey(_ storageKey: some Collection<UInt8>) throws(CallKeyError) {
        try check(withSecret(copying: storageKey) { callkey_store_change_key(handle, $0, $1) })
    }

    // MARK: Identity and prekeys

    /// The store's own identity.
    ///
    /// - Throws: ``CallKeyError/noIdentity(_:)`` if none was made or imported.
    public var identity: Identity {
        get throws(CallKeyError) {
            var c = callkey_identity()
            try check(callkey_store_identity(handle, &c))
            return Identity(c)
        }
    }

    /// Imports an identity into a store opened with `makingIdentity: false`. The same one again is fine.
    ///
    /// - Parameters:
    ///   - privateKey: X25519, 32 bytes; secret.
    ///   - registrationID: as registered with the server.
    /// - Throws: ``CallKeyError/conflict(_:)`` if the store has another one, ``CallKeyError/argument(_:)`` for
    ///   another length.
    public func importIdentity(privateKey: some Collection<UInt8>, registrationID: UInt32) throws(CallKeyError) {
        try check(withPrivateKey(privateKey) { callkey_store_import_identity(handle, $0, registrationID) })
    }

    /// Makes `n` one-time prekeys (0 to 4096) and returns their public halves for publishing. No bundle ever uses
    /// them. Pass their ids to ``published(_:)`` when the server has them; until then ``unpublished`` returns them
    /// again.
    @discardableResult
    public func addPrekeys(_ n: Int) throws(CallKeyError) -> [Prekey] {
        guard (0...4096).contains(n) else { throw .argument("\(n) prekeys can't be made at once") }
        var out = [callkey_prekey](repeating: callkey_prekey(), count: n)
        try check(callkey_store_add_prekeys(handle, &out, n))
        return out.map(Prekey.init)
    }

    /// The prekeys of ``addPrekeys(_:)`` that are not marked as published, by ascending id. Upload them when the app
    /// starts: a crash between making and uploading leaves some. Those that a peer has used meanwhile are left out.
    public var unpublished: [Prekey] {
        get throws(CallKeyError) {
            var n = 0
            var status = callkey_store_unpublished(handle, nil, &n)
            var out: [callkey_prekey] = []
            // Other threads may add some in between.
            while status == CALLKEY_ERR_BUFFER, n > out.count {
                out = [callkey_prekey](repeating: callkey_prekey(), count: n)
                status = callkey_store_unpublished(handle, &out, &n)
            }
            try check(status)
            return out.prefix(n).map(Prekey.init)
        }
    }

    /// Marks prekeys of ``addPrekeys(_:)`` as published, at most 4096 ids at once. One that is marked already, or used
    /// up, is fine.
    ///
    /// - Throws: ``CallKeyError/notFound(_:)`` for an id that ``addPrekeys(_:)`` never returned,
    ///   ``CallKeyError/argument(_:)`` for one that is not 1 to 16777215; then none is marked.
    public func published(_ ids: [UInt32]) throws(CallKeyError) {
        try check(callkey_store_published(handle, ids, ids.count))
    }

    /// The number of published prekeys that are not used, including imported ones. It takes about 5 ms for each 1000
    /// in a file.
    public var prekeysLeft: Int {
        get throws(CallKeyError) {
            var n = 0
            try check(callkey_store_prekeys_left(handle, &n))
            return n
        }
    }

    /// Makes a new signed prekey and returns its public half for publishing. Do this once a month or more often. Earlier
    /// ones still open messages for 30 days. The first rotation after that removes them, with the unused one-time
    /// prekeys of their bundles.
    @discardableResult
    public func rotateSignedPrekey() throws(CallKeyError) -> SignedPrekey {
        var c = callkey_signed_prekey()
        try check(callkey_store_rotate_signed_prekey(handle, &c))
        return SignedPrekey(c)
    }

    /// The signed prekey in use, which the server should have, and the Unix time since when it is in use. Its
    /// signature has other bytes each time. At its start an app rotates if there is none or it is too old, and
    /// uploads the result.
    ///
    /// - Throws: ``CallKeyError/notFound(_:)`` if there is none yet; see ``rotateSignedPrekey()``.
    public var signedPrekey: (prekey: SignedPrekey, since: UInt64) {
        get throws(CallKeyError) {
            var c = callkey_signed_prekey()
            var since: UInt64 = 0
            try check(callkey_store_signed_prekey(handle, &c, &since))
            return (SignedPrekey(c), since)
        }
    }

    /// Imports a one-time prekey that was published elsewhere. No bundle uses it; ``prekeysLeft`` counts it if the store
    /// has an identity at that time.
    ///
    /// - Parameters:
    ///   - id: 1 to 16777215.
    ///   - privateKey: X25519, 32 bytes; secret.
    /// - Throws: ``CallKeyError/conflict(_:)`` if another prekey has that id.
    public func importPrekey(id: UInt32, privateKey: some Collection<UInt8>) throws(CallKeyError) {
        try check(withPrivateKey(privateKey) { callkey_store_import_prekey(handle, id, $0) })
    }

    /// Imports a signed prekey that was published elsewhere; bundles use it from now on, with a new
    /// signature by the store's identity.
    ///
    /// - Parameters:
    ///   - id: 1 to 16777215.
    ///   - privateKey: X25519, 32 bytes; secret.
    /// - Throws: ``CallKeyError/conflict(_:)`` if another signed prekey has that id.
    public func importSignedPrekey(id: UInt32, privateKey: some Collection<UInt8>) throws(CallKeyError) {
        try check(withPrivateKey(privateKey) { callkey_store_import_signed_prekey(handle, id, $0) })
    }

    /// Makes a bundle, with a one-time prekey of its own that is in no other. The first bundle makes a signed prekey if
    /// there is none.
    ///
    /// The one-time prekey stays until a peer uses it, or its signed prekey is removed: see ``rotateSignedPrekey()``.
    public func takeBundle() throws(CallKeyError) -> PrekeyBundle {
        var c = PrekeyBundle.empty
        try check(callkey_store_take_bundle(handle, &c))
        return PrekeyBundle(c)
    }

    // MARK: Other devices

    /// The session with one device, even if there is none yet.
    public func session(with jid: String) -> Session { Session(store: self, jid: jid) }

    /// The known identity key of a device, 32 bytes.
    ///
    /// - Throws: ``CallKeyError/notFound(_:)`` if none is known.
    public func identityKey(of jid: String) throws(CallKeyError) -> [UInt8] {
        var key = [UInt8](repeating: 0, count: Int(CALLKEY_PUBLIC_KEY_BYTES))
        try check(withText(jid, "jid") { callkey_identity_get(handle, &key, $0) })
        return key
    }

    /// Trusts a device's identity key in place of the known one, after
    /// ``CallKeyError/untrustedIdentity(_:jid:identityKey:)``.
    ///
    /// - Throws: ``CallKeyError/invalidKey(_:)``, and ``CallKeyError/argument(_:)`` if it is not 32 bytes.
    public func trust(_ publicKey: some Collection<UInt8>, for jid: String) throws(CallKeyError) {
        let key = Array(publicKey)
        guard key.count == CALLKEY_PUBLIC_KEY_BYTES else {
            throw .argument("publicKey is \(key.count) bytes, not \(CALLKEY_PUBLIC_KEY_BYTES)")
        }
        try check(withText(jid, "jid") { callkey_identity_trust(handle, $0, key) })
    }

    /// Makes `alias` another name of the device `jid`, e.g. a phone-number JID for a LID. From then on every method
    /// accepts either JID: they share one session and one identity.
    ///
    /// If it is an alias already, it now names the new device: the number has a new owner. Nothing else changes;
    /// sessions and identities stay with their devices. If it is a device of its own, its identity, sessions and aliases
    /// move to the other device.
    ///
    /// - Throws: ``CallKeyError/untrustedIdentity(_:jid:identityKey:)`` if `alias` is a device of its own, and the two have different
    ///   identity keys (the error's is that of `alias`); ``CallKeyError/conflict(_:)`` for a circle: `jid` is an alias of `alias`.
    public func alias(_ alias: String, is jid: String) throws(CallKeyError) {
        do throws(CallKeyError) {
            try check(
                withText(alias, "alias") { alias throws(CallKeyError) in
                    try withText(jid, "jid") { callkey_store_alias(handle, alias, $0) }
                })
        } catch .untrustedIdentity(let details, _, _) {
            throw .untrustedIdentity(details, jid: jid, identityKey: try identityKey(of: alias))
        }
    }

    /// Makes an alias a device of its own again. Nothing is stored about that device, so the next contact with it is
    /// the first. Sessions and identity stay with the device that the alias named. Any other JID is no error.
    public func unalias(_ alias: String) throws(CallKeyError) {
        try check(withText(alias, "alias") { callkey_store_unalias(handle, $0) })
    }
}

/// Calls `body` with a private key of exactly 32 bytes, because the library gets no length.
private func withPrivateKey(
    _ key: some Collection<UInt8>, _ body: (UnsafeMutablePointer<UInt8>) -> callkey_status
) throws(CallKeyError) -> callkey_status {
    guard key.count == CALLKEY_PRIVATE_KEY_BYTES else {
        throw .argument("privateKey is \(key.count) bytes, not \(CALLKEY_PRIVATE_KEY_BYTES)")
    }
    return try withSecret(copying: key) { key, _ in body(key) }
}
