import CCallKey

/// Keeping house: what a store holds about others, and its removal.
extension Store {
    /// The JIDs of the devices with a session, spelled like participant ids, in no special order.
    ///
    /// They are read one by one while others may change the store: no JID comes twice, and none that was there all the
    /// time is left out. A device's aliases are not listed.
    ///
    /// Records that version 0.2 wrote in a store with a storage key do not tell their names; without a user they are
    /// listed only once they are written again.
    ///
    /// - Parameter user: `user@server`, without a device: only what ``removeUser(_:)`` would remove. nil: all.
    /// - Throws: ``CallKeyError/argument(_:)`` if it is not the JID of a user.
    public func sessions(of user: String? = nil) throws(CallKeyError) -> [String] {
        try list(UInt32(CALLKEY_LIST_SESSIONS), user)
    }

    /// The JIDs of the devices with a known identity key. Otherwise like ``sessions(of:)``.
    public func identities(of user: String? = nil) throws(CallKeyError) -> [String] {
        try list(UInt32(CALLKEY_LIST_IDENTITIES), user)
    }

    /// The JIDs that ``alias(_:is:)`` made other names; of a user, those of its devices. Otherwise like
    /// ``sessions(of:)``.
    public func aliases(of user: String? = nil) throws(CallKeyError) -> [String] {
        try list(UInt32(CALLKEY_LIST_ALIASES), user)
    }

    private func list(_ what: UInt32, _ user: String?) throws(CallKeyError) -> [String] {
        var listed: [String] = []
        while true {
            do {
                listed.append(try next(what, user, after: listed.last))
            } catch .notFound {
                return listed
            }
        }
    }

    private func next(_ what: UInt32, _ user: String?, after: String?) throws(CallKeyError) -> String {
        try withText(optional: user, "user") { user throws(CallKeyError) in
            try withText(optional: after, "after") { after throws(CallKeyError) in
                try textOutput { callkey_store_next(handle, $0, &$1, what, user, after) }
            }
        }
    }

    /// What the session with a device is like.
    ///
    /// - Throws: ``CallKeyError/noSession(_:)`` if there is none.
    public func sessionInfo(of jid: String) throws(CallKeyError) -> SessionInfo {
        var c = callkey_session_info()
        c.struct_size = MemoryLayout<callkey_session_info>.size
        try check(withText(jid, "jid") { callkey_session_info_get(handle, &c, $0) })
        return SessionInfo(c)
    }

    /// Removes a device's known identity key, if there is one: its next contact is the first, and any key is trusted.
    /// Its sessions stay, and neither seal nor open (``CallKeyError/untrustedIdentity(_:jid:identityKey:)``) until their identity is
    /// known again.
    public func removeIdentity(of jid: String) throws(CallKeyError) {
        try check(withText(jid, "jid") { callkey_identity_remove(handle, $0) })
    }

    /// Removes the sessions, identities, aliases and kept messages of all devices of a user, in one commit. Nothing is
    /// written if there is nothing. Only hashes stay, so that no first message opens a second time.
    ///
    /// The devices are those that the user's names mean: a phone number that is an alias of a LID's device brings that
    /// device, and the LID brings the number.
    ///
    /// - Parameter userJID: `user@server`, without a device.
    /// - Throws: ``CallKeyError/argument(_:)`` if it is not the JID of a user.
    public func removeUser(_ userJID: String) throws(CallKeyError) {
        try check(withText(userJID, "userJID") { callkey_user_remove(handle, $0) })
    }

    /// The store's private identity, to move the account. A second store with it is a second device under one name; its
    /// sessions break those of the first.
    ///
    /// - Throws: ``CallKeyError/noIdentity(_:)`` if none was made or imported.
    public func account() throws(CallKeyError) -> Account {
        try Account { c throws(CallKeyError) in try check(callkey_store_account(handle, c)) }
    }

    /// Imports the identity of another store, as ``importIdentity(privateKey:registrationID:)``.
    ///
    /// - Throws: ``CallKeyError/conflict(_:)`` if the store has another one.
    public func importIdentity(_ account: borrowing Account) throws(CallKeyError) {
        try check(callkey_store_import_identity(handle, account.secret.pointer, account.registrationID))
    }
}
