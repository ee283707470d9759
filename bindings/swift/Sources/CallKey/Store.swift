import CCallKey

/// The store of one account's device: identity, prekeys, and Signal sessions with other devices.
///
/// Any task or thread may use it at any time. Every method that changes something commits before it
/// returns: a ciphertext is only given out once the session's step is durable, a received key only once
/// the message counts as seen. A call may wait for the disk, so keep it off the main actor.
///
/// Besides what a method names, each may throw ``CallKeyError/handle(_:)`` (closed),
/// ``CallKeyError/store(_:)`` (the file can't be read or written; nothing changed) and
/// ``CallKeyError/storeCorrupt(_:)``.
public final class Store: Sendable {
    let handle: callkey_store

    private init(
        path: String?, storageKey: (UnsafeMutablePointer<UInt8>?, Int) = (nil, 0), flags: Int32
    ) throws(CallKeyError) {
        var handle: callkey_store = 0
        try check(
            withText(optional: path, "path") {
                callkey_store_open(&handle, $0, storageKey.0, storageKey.1, UInt32(flags))
            })
        self.handle = handle
    }

    /// Opens a store in memory, gone when it is closed.
    ///
    /// - Parameter makingIdentity: false to import one.
    public static func open(makingIdentity: Bool = true) throws(CallKeyError) -> Store {
        try Store(path: nil, flags: flags(makingIdentity))
    }

    /// Opens a file, and makes it and its identity if it isn't there. Several processes may have it open.
    ///
    /// - Parameters:
    ///   - path: the file; its folder has to be there.
    ///   - storageKey: 32 bytes that seal the records; keep them in the keychain.
    ///   - makingIdentity: false to import one.
    /// - Throws: ``CallKeyError/storeKey(_:)`` (another than the file's), ``CallKeyError/keyLength(_:)``,
    ///   ``CallKeyError/store(_:)``, ``CallKeyError/storeCorrupt(_:)`` (not a store),
    ///   ``CallKeyError/unsupported(_:)`` (written by a newer library).
    public static func open(
        path: String, storageKey: some Collection<UInt8>, makingIdentity: Bool = true
    ) throws(CallKeyError) -> Store {
        try withSecret(copying: storageKey) { key, count throws(CallKeyError) in
            try Store(path: path, storageKey: (key, count), flags: flags(makingIdentity))
        }
    }

    /// Opens a file without a storage key, which anyone can read.
    public static func open(plaintextPath path: String, makingIdentity: Bool = true) throws(CallKeyError) -> Store {
        try Store(path: path, flags: flags(makingIdentity) | CALLKEY_STORE_PLAINTEXT)
    }

    private static func flags(_ makingIdentity: Bool) -> Int32 { makingIdentity ? 0 : CALLKEY_STORE_NO_IDENTITY }

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

    /// Brings an identity into a store opened with `makingIdentity: false`. Again the same one is fine.
    ///
    /// - Parameters:
    ///   - privateKey: X25519, 32 bytes; secret.
    ///   - registrationID: as registered with the server.
    /// - Throws: ``CallKeyError/conflict(_:)`` when the store has another one, ``CallKeyError/argument(_:)`` for
    ///   another length.
    public func importIdentity(privateKey: some Collection<UInt8>, registrationID: UInt32) throws(CallKeyError) {
        try check(withPrivateKey(privateKey) { callkey_store_import_identity(handle, $0, registrationID) })
    }

    /// Makes `n` one-time prekeys (0 to 4096) and returns their public halves, to publish.
    @discardableResult
    public func addPrekeys(_ n: Int) throws(CallKeyError) -> [Prekey] {
        guard (0...4096).contains(n) else { throw .argument("\(n) prekeys can't be made at once") }
        var out = [callkey_prekey](repeating: callkey_prekey(), count: n)
        try check(callkey_store_add_prekeys(handle, &out, n))
        return out.map(Prekey.init)
    }

    /// Makes a new signed prekey and returns its public half, to publish. Those before stay valid for
    /// messages that are under way.
    @discardableResult
    public func rotateSignedPrekey() throws(CallKeyError) -> SignedPrekey {
        var c = callkey_signed_prekey()
        try check(callkey_store_rotate_signed_prekey(handle, &c))
        return SignedPrekey(c)
    }

    /// Brings a one-time prekey that was published elsewhere; no bundle is made with it.
    ///
    /// - Parameters:
    ///   - id: 1 to 16777215.
    ///   - privateKey: X25519, 32 bytes; secret.
    /// - Throws: ``CallKeyError/conflict(_:)`` when another prekey has that id.
    public func importPrekey(id: UInt32, privateKey: some Collection<UInt8>) throws(CallKeyError) {
        try check(withPrivateKey(privateKey) { callkey_store_import_prekey(handle, id, $0) })
    }

    /// Brings a signed prekey that was published elsewhere; bundles are made with it from now on, signed
    /// again with the store's identity.
    ///
    /// - Parameters:
    ///   - id: 1 to 16777215.
    ///   - privateKey: X25519, 32 bytes; secret.
    /// - Throws: ``CallKeyError/conflict(_:)`` when another signed prekey has that id.
    public func importSignedPrekey(id: UInt32, privateKey: some Collection<UInt8>) throws(CallKeyError) {
        try check(withPrivateKey(privateKey) { callkey_store_import_signed_prekey(handle, id, $0) })
    }

    /// Takes a bundle to hand out; its one-time prekey is never handed out again. Without one-time prekeys
    /// left the bundle has none. The first bundle makes a signed prekey if there is none.
    public func bundle() throws(CallKeyError) -> PrekeyBundle {
        var c = callkey_prekey_bundle()
        try check(callkey_store_bundle(handle, &c))
        return PrekeyBundle(c)
    }

    // MARK: Other devices

    /// The session with one device, whether there is one yet or not.
    public func session(with jid: String) -> Session { Session(store: self, jid: jid) }

    /// The identity key known for a device, 32 bytes.
    ///
    /// - Throws: ``CallKeyError/noIdentity(_:)`` when none is.
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

    /// Says that two JIDs are one device, e.g. its phone-number JID and its LID: from now on they have one
    /// session. What was kept under `alias` moves.
    ///
    /// - Throws: ``CallKeyError/untrustedIdentity(_:)`` when the two have different identity keys.
    public func alias(_ alias: String, is jid: String) throws(CallKeyError) {
        try check(
            withText(alias, "alias") { alias throws(CallKeyError) in
                try withText(jid, "jid") { callkey_store_alias(handle, alias, $0) }
            })
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
