import CCallKey

/// Why a call failed: one case per status of `callkey.h`, with the library's words about it.
///
/// The words name what was wrong (which argument, which device) and never hold a secret. Every function
/// throws this type and no other, so a plain `catch` knows it:
///
/// ```swift
/// do {
///     offer = try store.sealOffer(key, for: devices)
/// } catch {
///     switch error {
///     case .noDevices(_, let results): report(results)  // each says why
///     case .storeCorrupt: askForBackup()
///     default: log(error.name)
///     }
/// }
/// ```
public enum CallKeyError: Error, Sendable, Equatable {
    /// An argument is not allowed: a JID over 127 bytes, a NUL inside a text, an unknown flag.
    case argument(String)
    /// An output was too small. This package asks for sizes, so it should not be seen.
    case buffer(String)
    /// The store is closed.
    case handle(String)
    /// A secret has the wrong length: a call key is exactly 32 bytes (CRY-01).
    case keyLength(String)
    /// The participant id is empty.
    case participant(String)
    /// A public key or signature is not acceptable: low order, not canonical, not the identity's. Or a key to seal, or
    /// one that a peer sent, is 32 zero bytes: a wiped one.
    case invalidKey(String)
    /// The bytes do not parse.
    case malformed(String)
    /// A version, a keygen or a field is newer than this library.
    case unsupported(String)
    /// It parses but is not genuine.
    case authentication(String)
    /// Seen before: a redelivery by the server, not an attack. From ``Store/openOffer(_:own:sender:)``
    /// the info says which offer it was.
    case duplicate(String, info: OfferInfo? = nil)
    /// The message counter is too far ahead of the session.
    case tooFar(String)
    /// There is no session with the device.
    case noSession(String)
    /// The prekey that the message names was used already or was never there.
    case noPrekey(String)
    /// The device's identity key changed; ``Store/trust(_:for:)`` accepts the new one.
    case untrustedIdentity(String)
    /// The store has no identity yet; ``Store/importIdentity(privateKey:registrationID:)`` gives it one.
    case noIdentity(String)
    /// The stanza holds no enc for any of the own JIDs.
    case notForThisDevice(String)
    /// No device could be sealed for, so there is no offer; the results say why, device by device.
    case noDevices(String, results: [DeviceResult] = [])
    /// One of the encs is a pkmsg, so the offer needs a device identity, and none was given.
    case deviceIdentity(String)
    /// Older than the epoch in force.
    case stale(String)
    /// At odds with what is already there: the same number with other bytes, say.
    case conflict(String)
    /// The store could not be read or written.
    case store(String)
    /// The storage key is wrong or missing.
    case storeKey(String)
    /// The file is not a store, or a record in it is damaged.
    case storeCorrupt(String)
    /// Called in a child of `fork()`.
    case forked(String)
    /// A bug in the library, which refuses further work in this process.
    case `internal`(String)
    /// There is nothing of that kind under that name.
    case notFound(String)
    /// Another process held the store for too long. Nothing changed: try again.
    case busy(String)
    /// A status that is newer than this package.
    case unknown(status: Int32, String)
    /// From ``Call``: keys were asked for that depend on which device answered, and that isn't known yet.
    case notAnswered(String)
    /// From ``Call``: keys were asked for of a device that did not answer, or of a LID that names none.
    /// Nothing would fail with them, and the audio would be noise.
    case wrongDevice(String)
}

extension CallKeyError {
    /// The error of a status, in the words given or else in the library's sentence for it.
    init(status: callkey_status, _ given: String = "") {
        let words = given.isEmpty ? String(cString: callkey_status_text(status)) : given
        self =
            switch status {
            case CALLKEY_ERR_ARGUMENT: .argument(words)
            case CALLKEY_ERR_BUFFER: .buffer(words)
            case CALLKEY_ERR_HANDLE: .handle(words)
            case CALLKEY_ERR_KEY_LENGTH: .keyLength(words)
            case CALLKEY_ERR_PARTICIPANT: .participant(words)
            case CALLKEY_ERR_INVALID_KEY: .invalidKey(words)
            case CALLKEY_ERR_MALFORMED: .malformed(words)
            case CALLKEY_ERR_UNSUPPORTED: .unsupported(words)
            case CALLKEY_ERR_AUTHENTICATION: .authentication(words)
            case CALLKEY_ERR_DUPLICATE: .duplicate(words)
            case CALLKEY_ERR_TOO_FAR: .tooFar(words)
            case CALLKEY_ERR_NO_SESSION: .noSession(words)
            case CALLKEY_ERR_NO_PREKEY: .noPrekey(words)
            case CALLKEY_ERR_UNTRUSTED_IDENTITY: .untrustedIdentity(words)
            case CALLKEY_ERR_NO_IDENTITY: .noIdentity(words)
            case CALLKEY_ERR_NOT_FOR_THIS_DEVICE: .notForThisDevice(words)
            case CALLKEY_ERR_NO_DEVICES: .noDevices(words)
            case CALLKEY_ERR_DEVICE_IDENTITY: .deviceIdentity(words)
            case CALLKEY_ERR_STALE: .stale(words)
            case CALLKEY_ERR_CONFLICT: .conflict(words)
            case CALLKEY_ERR_STORE: .store(words)
            case CALLKEY_ERR_STORE_KEY: .storeKey(words)
            case CALLKEY_ERR_STORE_CORRUPT: .storeCorrupt(words)
            case CALLKEY_ERR_FORKED: .forked(words)
            case CALLKEY_ERR_INTERNAL: .internal(words)
            case CALLKEY_ERR_NOT_FOUND: .notFound(words)
            case CALLKEY_ERR_BUSY: .busy(words)
            default: .unknown(status: status, words)
            }
    }

    /// The status's number in `callkey.h`; nil for the two that are ``Call``'s own.
    public var status: Int32? { parts.status }

    /// The status's macro name, e.g. `CALLKEY_ERR_NO_SESSION`, else the case's.
    public var name: String {
        switch self {
        case .notAnswered: "notAnswered"
        case .wrongDevice: "wrongDevice"
        default: String(cString: callkey_status_name(parts.status ?? CALLKEY_ERR_INTERNAL))
        }
    }

    /// What was wrong, in words for a log or a developer. It never holds a secret.
    public var words: String { parts.words }

    private var parts: (status: Int32?, words: String) {
        switch self {
        case .argument(let words): (CALLKEY_ERR_ARGUMENT, words)
        case .buffer(let words): (CALLKEY_ERR_BUFFER, words)
        case .handle(let words): (CALLKEY_ERR_HANDLE, words)
        case .keyLength(let words): (CALLKEY_ERR_KEY_LENGTH, words)
        case .participant(let words): (CALLKEY_ERR_PARTICIPANT, words)
        case .invalidKey(let words): (CALLKEY_ERR_INVALID_KEY, words)
        case .malformed(let words): (CALLKEY_ERR_MALFORMED, words)
        case .unsupported(let words): (CALLKEY_ERR_UNSUPPORTED, words)
        case .authentication(let words): (CALLKEY_ERR_AUTHENTICATION, words)
        case .duplicate(let words, _): (CALLKEY_ERR_DUPLICATE, words)
        case .tooFar(let words): (CALLKEY_ERR_TOO_FAR, words)
        case .noSession(let words): (CALLKEY_ERR_NO_SESSION, words)
        case .noPrekey(let words): (CALLKEY_ERR_NO_PREKEY, words)
        case .untrustedIdentity(let words): (CALLKEY_ERR_UNTRUSTED_IDENTITY, words)
        case .noIdentity(let words): (CALLKEY_ERR_NO_IDENTITY, words)
        case .notForThisDevice(let words): (CALLKEY_ERR_NOT_FOR_THIS_DEVICE, words)
        case .noDevices(let words, _): (CALLKEY_ERR_NO_DEVICES, words)
        case .deviceIdentity(let words): (CALLKEY_ERR_DEVICE_IDENTITY, words)
        case .stale(let words): (CALLKEY_ERR_STALE, words)
        case .conflict(let words): (CALLKEY_ERR_CONFLICT, words)
        case .store(let words): (CALLKEY_ERR_STORE, words)
        case .storeKey(let words): (CALLKEY_ERR_STORE_KEY, words)
        case .storeCorrupt(let words): (CALLKEY_ERR_STORE_CORRUPT, words)
        case .forked(let words): (CALLKEY_ERR_FORKED, words)
        case .internal(let words): (CALLKEY_ERR_INTERNAL, words)
        case .notFound(let words): (CALLKEY_ERR_NOT_FOUND, words)
        case .busy(let words): (CALLKEY_ERR_BUSY, words)
        case .unknown(let status, let words): (status, words)
        case .notAnswered(let words), .wrongDevice(let words): (nil, words)
        }
    }
}

extension CallKeyError: CustomStringConvertible {
    /// The macro name and the words.
    public var description: String { "\(name): \(words)" }
}
