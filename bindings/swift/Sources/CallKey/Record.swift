import CCallKey

/// All sessions with one device, in Signal's storage protobuf: what ``Session/export()`` gives, and what a program keeps
/// that has its sessions in a database of its own. It is secret, because it has the root and chain keys.
///
/// A record never changes: each method returns the next one, which replaces it. Two results of one record are both valid,
/// and only one may be committed: hold a lock on the device's row from reading to the commit. Commit the record before
/// the ciphertext leaves, or the plaintext is used. No method waits for anything: no lock, no disk.
///
/// `identity` is the identity key that the program trusts for the device, 32 bytes; nil: it knows none yet. `now` is in
/// Unix seconds. Any method may throw ``CallKeyError/malformed(_:)`` (the bytes are no record),
/// ``CallKeyError/unsupported(_:)`` (a session of a newer kind) and ``CallKeyError/argument(_:)``.
public struct Record: ~Copyable, Secret {
    public static let noun = "session record"

    let secret: SecretBytes

    init(owning secret: consuming SecretBytes) { self.secret = secret }

    /// A record from storage, which is copied; no bytes if there is none for the device. The methods and
    /// ``Session/restore(_:)`` check it.
    public init(bytes: some Collection<UInt8>) { secret = SecretBytes(copying: bytes) }

    public func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try secret.withUnsafeBytes(body)
    }

    /// Begins a session from the bundle that the device published (X3DH). Earlier sessions still open messages; those of
    /// the new one are pkmsg until the device answers. At first contact trust the bundle's identity key for the device
    /// from now on, in the same commit.
    ///
    /// - Throws: ``CallKeyError/invalidKey(_:)`` (bad key or signature) and ``CallKeyError/untrustedIdentity(_:jid:identityKey:)``.
    public func begin(
        _ bundle: PrekeyBundle, account: borrowing Account, identity: [UInt8]?, now: UInt64
    ) throws(CallKeyError) -> Record {
        var c = bundle.structure
        var next = Room(record: count)
        try presenting(bundle.identityKey, trusted: identity) { () throws(CallKeyError) in
            try account.withStructure { account throws(CallKeyError) in
                try withKeys(identity, account) { keys throws(CallKeyError) in
                    try next.fill { out, size, _, _ in
                        callkey_record_begin(out, &size, secret.pointer, secret.count, keys, &c, now)
                    }
                }
            }
        }
        return next.fittedRecord()
    }

    /// Encrypts any message for the device, at most 2^24 bytes. The program pads it; a ``Plaintext`` is padded.
    ///
    /// - Throws: ``CallKeyError/noSession(_:)`` (see ``begin(_:account:identity:now:)``) and
    ///   ``CallKeyError/untrustedIdentity(_:jid:identityKey:)``, also without an identity.
    public func seal<Message: Secret & ~Copyable>(
        _ plaintext: borrowing Message, identity: [UInt8]?, now: UInt64
    ) throws(CallKeyError) -> SealedMessage {
        try plaintext.withUnsafeBytes { bytes throws(CallKeyError) in
            try seal(bytes, identity: identity, now: now)
        }
    }

    /// Encrypts bytes that are no secret of this package. Otherwise like the `seal` of one.
    public func seal(
        _ plaintext: UnsafeRawBufferPointer, identity: [UInt8]?, now: UInt64
    ) throws(CallKeyError) -> SealedMessage {
        var next = Room(record: count, other: plaintext.count + Int(CALLKEY_MESSAGE_OVERHEAD_MAX_BYTES))
        var type: UInt32 = 0
        let message = plaintext.assumingMemoryBound(to: UInt8.self)
        try presenting(trusted: identity) { () throws(CallKeyError) in
            try withKeys(identity, nil) { keys throws(CallKeyError) in
                try next.fill { out, size, ciphertext, ciphertextSize in
                    callkey_record_seal(
                        out, &size, ciphertext, &ciphertextSize, &type, secret.pointer, secret.count, keys,
                        message.baseAddress, message.count, now)
                }
            }
        }
        let content = Array(next.otherBytes)
        return SealedMessage(
            ciphertext: Ciphertext(type: EncType(rawValue: type) ?? .none, content: content),
            record: next.fittedRecord())
    }

    /// Decrypts a message of a session that the record has.
    ///
    /// - Throws: ``CallKeyError/authentication(_:)``, ``CallKeyError/duplicate(_:)``, ``CallKeyError/tooFar(_:)``,
    ///   ``CallKeyError/noSession(_:)``, ``CallKeyError/noIdentity(_:)`` (for a pkmsg that begins a session),
    ///   ``CallKeyError/untrustedIdentity(_:jid:identityKey:)`` (also for a msg without an identity) and
    ///   ``CallKeyError/invalidKey(_:)``.
    public func open(_ ciphertext: Ciphertext, identity: [UInt8]?, now: UInt64) throws(CallKeyError) -> OpenedMessage {
        try opened(ciphertext, identity, nil, nil, nil, now)
    }

    /// Decrypts a message of the device, also a pkmsg that begins a session. Pass no prekeys first.
    /// ``CallKeyError/noPrekey(_:)`` says that the message begins a session, and only then do the ids of a pkmsg count:
    /// fetch the private keys that ``MessageInfo`` tells, and open it again. In the commit that stores the record, delete
    /// the one-time prekey, or without one remember the base key.
    ///
    /// - Throws: as ``open(_:identity:now:)``, and ``CallKeyError/noPrekey(_:)`` (a prekey that it names is nil).
    public func open(
        _ ciphertext: Ciphertext, identity: [UInt8]?, account: borrowing Account,
        prekey: borrowing PrivateKey? = nil, signedPrekey: borrowing PrivateKey? = nil, now: UInt64
    ) throws(CallKeyError) -> OpenedMessage {
        let prekey = place(of: prekey)
        let signedPrekey = place(of: signedPrekey)
        // Not the closure's result, which would have to be copyable.
        var outcome: OpenedMessage?
        try account.withStructure { account throws(CallKeyError) in
            outcome = try opened(ciphertext, identity, account, prekey, signedPrekey, now)
        }
        return outcome.take()!
    }

    private func opened(
        _ ciphertext: Ciphertext, _ identity: [UInt8]?, _ account: UnsafePointer<callkey_account>?,
        _ prekey: UnsafePointer<UInt8>?, _ signedPrekey: UnsafePointer<UInt8>?, _ now: UInt64
    ) throws(CallKeyError) -> OpenedMessage {
        var next = Room(record: count, other: ciphertext.content.count)
        var sender = [UInt8](repeating: 0, count: Int(CALLKEY_PUBLIC_KEY_BYTES))
        try presenting(trusted: identity, message: ciphertext) { () throws(CallKeyError) in
            try withKeys(identity, account, prekey, signedPrekey) { keys throws(CallKeyError) in
                try withBytes(optional: ciphertext.content) { content, size throws(CallKeyError) in
                    try next.fill { out, outSize, plaintext, plaintextSize in
                        callkey_record_open(
                            out, &outSize, plaintext, &plaintextSize, &sender, secret.pointer, secret.count, keys,
                            ciphertext.type.rawValue, content, size, now)
                    }
                }
            }
        }
        let plaintext = Plaintext(owning: SecretBytes(copying: next.otherBytes))
        return OpenedMessage(plaintext: plaintext, identity: sender, record: next.fittedRecord())
    }

    /// What the record is like; it can't seal without an identity.
    ///
    /// - Throws: ``CallKeyError/noSession(_:)`` if it is empty.
    public func info(identity: [UInt8]?, now: UInt64) throws(CallKeyError) -> SessionInfo {
        try checkIdentity(identity)
        var c = callkey_session_info()
        c.struct_size = MemoryLayout<callkey_session_info>.size
        try withBytes(optional: identity) { identity, _ throws(CallKeyError) in
            try check(callkey_record_info(&c, secret.pointer, secret.count, identity, now))
        }
        return SessionInfo(c)
    }

    /// One record of two of one device: when two of its names turn out to be one. Where both have the same session, the
    /// one that is further along stays. A record of another program, the storage protobuf or the JSON of the Go Signal
    /// library, is taken over by merging it with an empty one: that checks its keys.
    ///
    /// - Throws: ``CallKeyError/invalidKey(_:)``, and ``CallKeyError/conflict(_:)`` for records of different identities.
    public func merge(_ other: borrowing Record) throws(CallKeyError) -> Record {
        let others = other.secret.view
        var next = Room(record: count + others.count)
        try next.fill { out, size, _, _ in
            callkey_record_merge(out, &size, secret.pointer, secret.count, others.pointer, others.count)
        }
        return next.fittedRecord()
    }
}

/// A sealed message: the `type` and the content of an `<enc>`.
public struct Ciphertext: Sendable, Hashable {
    public var type: EncType
    public var content: [UInt8]

    public init(type: EncType, content: [UInt8]) {
        self.type = type
        self.content = content
    }
}

/// Commit the record before the ciphertext leaves.
public struct SealedMessage: ~Copyable, Sendable {
    public let ciphertext: Ciphertext
    public let record: Record
}

/// Commit the record before the plaintext is used.
public struct OpenedMessage: ~Copyable, Sendable {
    public let plaintext: Plaintext
    /// The identity key that the message is from, 32 bytes. At first contact trust it for the device, in the same commit.
    public let identity: [UInt8]
    public let record: Record
}

/// Room for the outputs of a call: the next record, and a ciphertext or a plaintext.
private struct Room: ~Copyable {
    /// What a call adds to a record, unless messages were skipped: then the call is made again with the size that it told.
    static let growth = 2048

    private var record: SecretBytes
    private var other: SecretBytes
    private var recordSize = 0
    private var otherSize = 0

    init(record: Int, other: Int = 0) {
        self.record = SecretBytes(count: record + Self.growth)
        self.other = SecretBytes(count: other)
    }

    mutating func fill(
        _ attempt: (UnsafeMutablePointer<UInt8>, inout Int, UnsafeMutablePointer<UInt8>, inout Int) -> callkey_status
    ) throws(CallKeyError) {
        while true {
            recordSize = record.count
            otherSize = other.count
            let status = attempt(record.pointer, &recordSize, other.pointer, &otherSize)
            guard status == CALLKEY_ERR_BUFFER, recordSize > record.count || otherSize > other.count else {
                return try check(status)
            }
            record = SecretBytes(count: max(recordSize, record.count))
            other = SecretBytes(count: max(otherSize, other.count))
        }
    }

    var otherBytes: UnsafeMutableBufferPointer<UInt8>.SubSequence { other.buffer.prefix(otherSize) }

    func fittedRecord() -> Record { Record(owning: SecretBytes(copying: record.buffer.prefix(recordSize))) }
}

private func checkIdentity(_ identity: [UInt8]?) throws(CallKeyError) {
    guard identity == nil || identity?.count == Int(CALLKEY_PUBLIC_KEY_BYTES) else {
        throw .argument("identity is \(identity?.count ?? 0) bytes, not \(CALLKEY_PUBLIC_KEY_BYTES)")
    }
}

/// Calls `body` with the library's struct of what a program knows beside a record.
private func withKeys<R>(
    _ identity: [UInt8]?, _ account: UnsafePointer<callkey_account>?, _ prekey: UnsafePointer<UInt8>? = nil,
    _ signedPrekey: UnsafePointer<UInt8>? = nil, _ body: (UnsafePointer<callkey_record_keys>) throws(CallKeyError) -> R
) throws(CallKeyError) -> R {
    try checkIdentity(identity)
    return try withBytes(optional: identity) { identity, _ throws(CallKeyError) in
        let keys = callkey_record_keys(
            struct_size: MemoryLayout<callkey_record_keys>.size, account: account, identity_key: identity,
            prekey_private: prekey, signed_prekey_private: signedPrekey)
        return try withPointer(CollectionOfOne(keys)) { keys throws(CallKeyError) in try body(keys.baseAddress!) }
    }
}

/// The bytes of a key, valid as long as it is.
private func place(of key: borrowing PrivateKey?) -> UnsafePointer<UInt8>? {
    switch key {
    case .some(let key): UnsafePointer(key.secret.pointer)
    case .none: nil
    }
}
