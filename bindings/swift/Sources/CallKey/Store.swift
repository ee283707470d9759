import CCallKey

/// The store of one account's device: identity, prekeys, and Signal sessions with other devices.
///
/// Any task or thread may use it at any time. Every method that changes something commits before it
/// returns: a ciphertext is only given out once the session's step is durable, a received key only once
/// the message counts as seen. A call may wait for the disk, so keep it off the main actor.
///
/// Besides what a method names, each may throw ``CallKeyError/handle(_:)`` (closed),
/// ``CallKeyError/store(_:)`` (the file can't be read or written; nothing changed),
/// ``CallKeyError/busy(_:)`` (another process held the file longer than `busyMilliseconds`; nothing changed) and
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
    ///   - keepOpened: what was opened opens again; see ``open(path:storageKey:makingIdentity:mustExist:keepOpened:restored:busyMilliseconds:)``.
    public static func open(makingIdentity: Bool = true, keepOpened: Bool = false) throws(CallKeyError) -> Store {
        try Store(path: nil, flags: flags(makingIdentity, keepOpened: keepOpened))
    }

    /// Opens a file, and makes it and its identity if it isn't there. Several processes may have it open.
    ///
    /// The file is used under one name, and stays where it is while it is open: a second name of it is
    /// ``CallKeyError/store(_:)``. So is every call on a file that was moved, replaced, or opened and closed by a second
    /// SQLite in this process. Take backups with ``copy(to:)``.
    ///
    /// - Parameters:
    ///   - path: the file; its folder has to be there.
    ///   - storageKey: 32 bytes that seal the records; keep them in the keychain.
    ///   - makingIdentity: false to import one.
    ///   - mustExist: don't make a store or an identity.
    ///   - keepOpened: what was opened opens again, with the same result, until ``messageDone(from:ciphertext:)``. An app
    ///     that is killed before its own commit then loses nothing. The last 256 messages are kept.
    ///   - restored: the file may be an old copy, of a backup or of ``copy(to:)``. Its sessions open messages but seal
    ///     none until ``Session/begin(_:)``, because the original may have used their next keys. Implies `mustExist`.
    ///   - busyMilliseconds: how long each call waits for another process, in milliseconds; 0 means 5000.
    /// - Throws: ``CallKeyError/storeKey(_:)`` (another than the file's), ``CallKeyError/keyLength(_:)``,
    ///   ``CallKeyError/store(_:)``, ``CallKeyError/storeCorrupt(_:)`` (not a store),
    ///   ``CallKeyError/unsupported(_:)`` (written by a newer library), ``CallKeyError/notFound(_:)`` (`mustExist` or
    ///   `restored`, and it isn't there; nothing is made).
    public static func open(
        path: String, storageKey: some Collection<UInt8>, makingIdentity: Bool = true, mustExist: Bool = false,
        keepOpened: Bool = false, restored: Bool = false, busyMilliseconds: UInt32 = 0
    ) throws(CallKeyError) -> Store {
        let flags = flags(makingIdentity, mustExist: mustExist, keepOpened: keepOpened, restored: restored)
        return try withSecret(copying: storageKey) { key, count throws(CallKeyError) in
            try Store(path: path, storageKey: (key, count), flags: flags, busyMilliseconds: busyMilliseconds)
        }
    }

    /// Opens a file without a storage key, which anyone can read. All else as
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

    /// Closes the store once calls that run on it have finished; later calls throw
    /// ``CallKeyError/handle(_:)``. A second close does nothing. Without it the store closes with its last
    /// reference.
    ///
    /// - Throws: ``CallKeyError/store(_:)`` when closing the file failed; everything committed is safe.
    public func close() throws(CallKeyError) {
        do {
            try check(callkey_store_close(handle))
        } catch .handle {
            // Closed before: a handle is never given out a second time.
        }
    }

    deinit {
        // Also after close(), where it does nothing.
        _ = callkey_store_close(handle)
    }

    // MARK: The file

    /// Copies the store to a new file, as it is between two commits, while this and other processes go on. It has the
    /// same storage key. Open it with `restored`: it is old as soon as the store changes.
    ///
    /// - Throws: ``CallKeyError/conflict(_:)`` when there is a file at `path`, ``CallKeyError/argument(_:)`` for a store
    ///   in memory.
    public func copy(to path: String) throws(CallKeyError) {
        try check(withText(path, "path") { callkey_store_copy(handle, $0) })
    }

    /// Makes these 32 bytes the storage key, atomically; processes that have the store open go on. The key before still
    /// opens older copies of the file.
    ///
    /// - Throws: ``CallKeyError/keyLength(_:)``, and ``CallKeyError/argument(_:)`` for a store in memory or without a
    ///   storage key.
    public func changeKey(_ storageKey: some Collection<UInt8>) throws(CallKeyError) {
        try check(withSecret(copying: storageKey) { callkey_store_change_key(handle, $0, $1) })
    }

    // MARK: Identity and prekeys

    /// The store's own identity.
    ///
    /// - Throws: ``CallKeyError/noIdentity(_:)`` when none was made or imported.
    public var identity: Identity {
        get throws(CallKeyError) {
            var c = callkey_identity()
            try check(callkey_store_identity(handle, &c))
            return Identity(c)
        }
    }

    /// Imports an identity into a store opened with `makingIdentity: false`. Again the same one is fine.
    ///
    /// - Parameters:
    ///   - privateKey: X25519, 32 bytes; secret.
    ///   - registrationID: as registered with the server.
    /// - Throws: ``CallKeyError/conflict(_:)`` when the store has another one, ``CallKeyError/argument(_:)`` for
    ///   another length.
    public func importIdentity(privateKey: some Collection<UInt8>, registrationID: UInt32) throws(CallKeyError) {
        try check(withPrivateKey(privateKey) { callkey_store_import_identity(handle, $0, registrationID) })
    }

    /// Makes `n` one-time prekeys (0 to 4096) and returns their public halves, to publish. None of them is ever in a
    /// bundle. Name them to ``published(_:)`` when the server has them; until then ``unpublished`` has them.
    @discardableResult
    public func addPrekeys(_ n: Int) throws(CallKeyError) -> [Prekey] {
        guard (0...4096).contains(n) else { throw .argument("\(n) prekeys can't be made at once") }
        var out = [callkey_prekey](repeating: callkey_prekey(), count: n)
        try check(callkey_store_add_prekeys(handle, &out, n))
        return out.map(Prekey.init)
    }

    /// The prekeys of ``addPrekeys(_:)`` that ``published(_:)`` did not name yet, by ascending id. Upload them when the app
    /// starts: a crash between making and uploading leaves some. One that a peer has used since is not among them.
    public var unpublished: [Prekey] {
        get throws(CallKeyError) {
            var n = 0
            var status = callkey_store_unpublished(handle, nil, &n)
            var out: [callkey_prekey] = []
            // Others may add some in between.
            while status == CALLKEY_ERR_BUFFER, n > out.count {
                out = [callkey_prekey](repeating: callkey_prekey(), count: n)
                status = callkey_store_unpublished(handle, &out, &n)
            }
            try check(status)
            return out.prefix(n).map(Prekey.init)
        }
    }

    /// Says that the server has these prekeys of ``addPrekeys(_:)``, at most 4096 ids at once. One that was named before,
    /// or is used up by now, is fine.
    ///
    /// - Throws: ``CallKeyError/notFound(_:)`` for an id that ``addPrekeys(_:)`` never gave, ``CallKeyError/argument(_:)``
    ///   for one that is not 1 to 16777215. None is noted then.
    public func published(_ ids: [UInt32]) throws(CallKeyError) {
        try check(callkey_store_published(handle, ids, ids.count))
    }

    /// How many prekeys are published and not used, imported ones among them. It takes about 5 ms for each 1000 in a
    /// file.
    public var prekeysLeft: Int {
        get throws(CallKeyError) {
            var n = 0
            try check(callkey_store_prekeys_left(handle, &n))
            return n
        }
    }

    /// Makes a new signed prekey and returns its public half, to publish: once a month or more often. Those before it go
    /// on opening messages for 30 days. The first rotation after that removes them, with the one-time prekeys of their
    /// bundles that nobody used.
    @discardableResult
    public func rotateSignedPrekey() throws(CallKeyError) -> SignedPrekey {
        var c = callkey_signed_prekey()
        try check(callkey_store_rotate_signed_prekey(handle, &c))
        return SignedPrekey(c)
    }

    /// The signed prekey in use, which the server should have, and the Unix second since when it is. Its signature is
    /// other bytes each time. An app that starts rotates if there is none or it is too old, and uploads what it gets.
    ///
    /// - Throws: ``CallKeyError/notFound(_:)`` when none was made yet; see ``rotateSignedPrekey()``.
    public var signedPrekey: (prekey: SignedPrekey, since: UInt64) {
        get throws(CallKeyError) {
            var c = callkey_signed_prekey()
            var since: UInt64 = 0
            try check(callkey_store_signed_prekey(handle, &c, &since))
            return (SignedPrekey(c), since)
        }
    }

    /// Imports a one-time prekey that was published elsewhere. It is in no bundle; ``prekeysLeft`` counts it if the store
    /// has an identity by then.
    ///
    /// - Parameters:
    ///   - id: 1 to 16777215.
    ///   - privateKey: X25519, 32 bytes; secret.
    /// - Throws: ``CallKeyError/conflict(_:)`` when another prekey has that id.
    public func importPrekey(id: UInt32, privateKey: some Collection<UInt8>) throws(CallKeyError) {
        try check(withPrivateKey(privateKey) { callkey_store_import_prekey(handle, id, $0) })
    }

    /// Imports a signed prekey that was published elsewhere; bundles are made with it from now on, signed
    /// again with the store's identity.
    ///
    /// - Parameters:
    ///   - id: 1 to 16777215.
    ///   - privateKey: X25519, 32 bytes; secret.
    /// - Throws: ``CallKeyError/conflict(_:)`` when another signed prekey has that id.
    public func importSignedPrekey(id: UInt32, privateKey: some Collection<UInt8>) throws(CallKeyError) {
        try check(withPrivateKey(privateKey) { callkey_store_import_signed_prekey(handle, id, $0) })
    }

    /// Takes a bundle to hand out, with a one-time prekey that is made for it and in no other. The first bundle makes a
    /// signed prekey if there is none.
    ///
    /// The one-time prekey stays until a peer uses it, or its signed prekey is removed: see ``rotateSignedPrekey()``.
    public func takeBundle() throws(CallKeyError) -> PrekeyBundle {
        var c = PrekeyBundle.empty
        try check(callkey_store_take_bundle(handle, &c))
        return PrekeyBundle(c)
    }

    // MARK: Other devices

    /// The session with one device, whether there is one yet or not.
    public func session(with jid: String) -> Session { Session(store: self, jid: jid) }

    /// The identity key known for a device, 32 bytes.
    ///
    /// - Throws: ``CallKeyError/notFound(_:)`` when none is.
    public func identityKey(of jid: String) throws(CallKeyError) -> [UInt8] {
        var key = [UInt8](repeating: 0, count: Int(CALLKEY_PUBLIC_KEY_BYTES))
        try check(withText(jid, "jid") { callkey_identity_get(handle, &key, $0) })
        return key
    }

    /// Accepts a device's identity key in place of the one known until now, after
    /// ``CallKeyError/untrustedIdentity(_:)``.
    ///
    /// - Throws: ``CallKeyError/invalidKey(_:)``, and ``CallKeyError/argument(_:)`` when it is not 32 bytes.
    public func trust(_ publicKey: some Collection<UInt8>, for jid: String) throws(CallKeyError) {
        let key = Array(publicKey)
        guard key.count == CALLKEY_PUBLIC_KEY_BYTES else {
            throw .argument("publicKey is \(key.count) bytes, not \(CALLKEY_PUBLIC_KEY_BYTES)")
        }
        try check(withText(jid, "jid") { callkey_identity_trust(handle, $0, key) })
    }

    /// Makes `alias` a name of the device that `jid` means, e.g. a phone-number JID of a LID. Every method that takes a
    /// JID then takes either: they have one session and one identity.
    ///
    /// If it is an alias already, it is pointed anew: a number whose owner changed. Nothing else changes; sessions and
    /// identities stay with the devices they belong to. If it is a device of its own, its identity, its sessions and its
    /// aliases move to the other device.
    ///
    /// - Throws: ``CallKeyError/untrustedIdentity(_:)`` when `alias` is a device of its own, and the two have different
    ///   identity keys; ``CallKeyError/conflict(_:)`` for a circle: `jid` is an alias of `alias`.
    public func alias(_ alias: String, is jid: String) throws(CallKeyError) {
        try check(
            withText(alias, "alias") { alias throws(CallKeyError) in
                try withText(jid, "jid") { callkey_store_alias(handle, alias, $0) }
            })
    }

    /// Makes an alias a device of its own again, of which nothing is stored: the next contact with it is a first one.
    /// Sessions and identity stay with the device that it meant. One that is no alias is fine.
    public func unalias(_ alias: String) throws(CallKeyError) {
        try check(withText(alias, "alias") { callkey_store_unalias(handle, $0) })
    }
}

/// Calls `body` with a private key from elsewhere: exactly 32 bytes, for the library is told no length.
private func withPrivateKey(
    _ key: some Collection<UInt8>, _ body: (UnsafeMutablePointer<UInt8>) -> callkey_status
) throws(CallKeyError) -> callkey_status {
    guard key.count == CALLKEY_PRIVATE_KEY_BYTES else {
        throw .argument("privateKey is \(key.count) bytes, not \(CALLKEY_PRIVATE_KEY_BYTES)")
    }
    return try withSecret(copying: key) { key, _ in body(key) }
}
