import CCallKey

/// The Signal session with one other device, even if there is none yet. It has only the store and the
/// device's JID.
///
/// Besides the errors that a method names, each may throw those of every method of
/// ``Store``, and ``CallKeyError/argument(_:)`` if the JID is not the JID of a device.
public struct Session: Sendable {
    let store: Store
    public let jid: String

    /// Begins a session from the bundle that the device published (X3DH). Messages sealed for it are pkmsg
    /// until it answers.
    ///
    /// - Throws: ``CallKeyError/invalidKey(_:)`` (bad key or signature) and
    ///   ``CallKeyError/untrustedIdentity(_:jid:identityKey:)`` (see ``Store/trust(_:for:)``).
    public func begin(_ bundle: PrekeyBundle) throws(CallKeyError) {
        var c = bundle.structure
        try store.presenting(jid, bundle.identityKey) { () throws(CallKeyError) in
            try check(withText(jid, "jid") { callkey_session_begin(store.handle, $0, &c) })
        }
    }

    /// Whether a key can be sealed for the device without a new bundle. A session that was not answered
    /// within 30 days counts as none.
    public func exists() throws(CallKeyError) -> Bool {
        do {
            try check(withText(jid, "jid") { callkey_session_check(store.handle, $0) })
            return true
        } catch .noSession {
            return false
        }
    }

    /// Removes the session, if there is one; the device's identity stays known.
    public func remove() throws(CallKeyError) {
        try check(withText(jid, "jid") { callkey_session_remove(store.handle, $0) })
    }

    /// A copy of the session. Two programs that both use one session break it: if it moves, ``remove()`` it
    /// here.
    ///
    /// - Throws: ``CallKeyError/noSession(_:)``.
    public func export() throws(CallKeyError) -> Record {
        var record = SecretBytes(count: 0)
        try withText(jid, "jid") { jid throws(CallKeyError) in
            record = try secretOutput { out, size in callkey_session_export(store.handle, out, &size, jid) }
        }
        return Record(owning: record)
    }

    /// Imports a session; it replaces the one that is there. An old copy would use message keys a second
    /// time: import only a session that was not used since it was copied.
    ///
    /// - Parameter record: Signal's storage protobuf, or the JSON of the Go Signal library.
    /// - Throws: ``CallKeyError/malformed(_:)``, ``CallKeyError/unsupported(_:)``,
    ///   ``CallKeyError/invalidKey(_:)``, and ``CallKeyError/untrustedIdentity(_:jid:identityKey:)`` for a record with
    ///   an identity that is not the known one.
    public func restore(_ record: borrowing Record) throws(CallKeyError) {
        let bytes = record.secret.view
        do throws(CallKeyError) {
            try check(withText(jid, "jid") { callkey_session_import(store.handle, $0, bytes.pointer, bytes.count) })
        } catch .untrustedIdentity(let details, _, _) {
            let given = Record(owning: SecretBytes(copying: record.secret.buffer))
            let key = try Record(bytes: []).merge(given).info(identity: nil, now: 0).identityKey
            throw .untrustedIdentity(details, jid: jid, identityKey: key)
        }
    }
}
