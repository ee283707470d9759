import CCallKey

/// The reason of a failure: one case per status of `callkey.h`, with the library's text.
///
/// The text names the argument or the device, and never contains a secret. Every function throws only
/// this type, so a plain `catch` knows it:
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
    /// An argument is missing or not allowed: a JID over 127 bytes, a NUL inside a text, an
    /// unknown flag.
    case argument(Details)
    /// An output was too small. This package asks for sizes, so it should not be seen.
    case buffer(Details)
    /// The store is closed.
    case handle(Details)
    /// A secret has the wrong length: a call key is exactly 32 bytes (CRY-01).
    case keyLength(Details)
    /// The participant id is empty.
    case participant(Details)
    /// A public key or signature is not valid: low order, not canonical, not the identity's. Or a key to seal, or a
    /// key from a peer, is 32 zero bytes: a wiped one.
    case invalidKey(Details)
    /// The bytes do not parse.
    case malformed(Details)
    /// A version, keygen or field is not supported, e.g. newer than this library.
    case unsupported(Details)
    /// The data parses but is not authentic.
    case authentication(Details)
    /// The message was seen before: a redelivery by the server, not an attack. ``info`` describes the stanza. To be
    /// able to open a message again that the app lost in a crash, open the store with `keepOpened`.
    case duplicate(Details)
    /// The message counter is too far ahead of the session.
    case tooFar(Details)
    /// There is no session with the device.
    case noSession(Details)
    /// The store lacks the prekey that the message names: it is used up or was never
    /// there.
    case noPrekey(Details)
    /// The device's identity key is not the trusted one; ``Store/trust(_:for:)`` accepts the new one.
    ///
    /// The identity key is the one that was presented, 32 bytes: by the message, the bundle, the session record, the
    /// session in use, or the alias. The JID is "" from a ``Record``, which names none. The key is nil if an earlier session of the device has it, which no function of the
    /// library tells.
    case untrustedIdentity(Details, jid: String = "", identityKey: [UInt8]? = nil)
    /// The store has no identity yet; ``Store/importIdentity(privateKey:registrationID:)`` imports one.
    case noIdentity(Details)
    /// The stanza has no enc for any of the own JIDs. ``info`` has the call and the sender; for an accept, see
    /// ``Call/answered(_:)``.
    case notForThisDevice(Details)
    /// No device of an offer or a batch succeeded, so nothing changed; the results have the
    /// reason for each.
    case noDevices(Details, results: [DeviceResult] = [])
    /// An enc is a pkmsg, so the offer needs a device identity, and none was given.
    case deviceIdentity(Details)
    /// The epoch is older than the one in force.
    case stale(Details)
    /// The input conflicts with what is already there, e.g. the same number with other
    /// bytes.
    ///
    /// From ``Store/openOffer(_:own:sender:)`` and ``Store/openRekey(_:sender:)``: the stanza and the server name
    /// different users as the sender, and neither is known to have the identity. ``info`` has both names,
    /// ``OfferInfo/callCreator`` and ``OfferInfo/from``; find out who it is, and pass the sender.
    case conflict(Details)
    /// The store could not be read or written.
    case store(Details)
    /// The storage key is wrong or missing.
    case storeKey(Details)
    /// The file is not a store, or a record in it is damaged.
    case storeCorrupt(Details)
    /// The library can't be used in a child of `fork()`.
    case forked(Details)
    /// A bug in the library, which refuses further work in this process.
    case `internal`(Details)
    /// There is no such store, identity or prekey.
    case notFound(Details)
    /// No epoch is in force yet: none has arrived, or the roster has not reached its number. See ``Epochs``.
    case noEpoch(Details)
    /// Another process held the store for too long. Nothing changed: try again.
    case busy(Details)
    /// A status that is newer than this package.
    case unknown(status: Int32, Details)
    /// From ``Call``: the requested keys depend on the device that answered, which is not known yet.
    case notAnswered(Details)
    /// From ``Call``: keys were requested for a device that did not answer or was not called, or for a LID without a
    /// device. With them nothing would fail, but the audio would be noise.
    case wrongDevice(Details)

    /// The details of a failure. A literal makes one with only a text.
    public struct Details: Sendable, Equatable, ExpressibleByStringInterpolation {
        /// The fault, as text for a log or a developer. It never contains a secret.
        public let words: String
        /// The contents of the stanza; see ``CallKeyError/info``.
        public let info: OfferInfo?
        /// The operating system's error number, e.g. `ENOSPC` for a full disk; 0 if the failure is not one of the
        /// system.
        public let errno: Int32

        public init(_ words: String, info: OfferInfo? = nil, errno: Int32 = 0) {
            self.words = words
            self.info = info
            self.errno = errno
        }

        public init(stringLiteral words: String) { self.init(words) }
    }
}

extension CallKeyError {
    /// The error of a status, with the given text, or else the library's text for the
    /// status.
    init(status: callkey_status, _ given: String = "", info: OfferInfo? = nil, errno: Int32 = 0) {
        let words = given.isEmpty ? String(cString: callkey_status_text(status)) : given
        let details = Details(words, info: info, errno: errno)
        self =
            switch status {
            case CALLKEY_ERR_ARGUMENT: .argument(details)
            case CALLKEY_ERR_BUFFER: .buffer(details)
            case CALLKEY_ERR_HANDLE: .handle(details)
            case CALLKEY_ERR_KEY_LENGTH: .keyLength(details)
            case CALLKEY_ERR_PARTICIPANT: .participant(details)
            case CALLKEY_ERR_INVALID_KEY: .invalidKey(details)
            case CALLKEY_ERR_MALFORMED: .malformed(details)
            case CALLKEY_ERR_UNSUPPORTED: .unsupported(details)
            case CALLKEY_ERR_AUTHENTICATION: .authentication(details)
            case CALLKEY_ERR_DUPLICATE: .duplicate(details)
            case CALLKEY_ERR_TOO_FAR: .tooFar(details)
            case CALLKEY_ERR_NO_SESSION: .noSession(details)
            case CALLKEY_ERR_NO_PREKEY: .noPrekey(details)
            case CALLKEY_ERR_UNTRUSTED_IDENTITY: .untrustedIdentity(details)
            case CALLKEY_ERR_NO_IDENTITY: .noIdentity(details)
            case CALLKEY_ERR_NOT_FOR_THIS_DEVICE: .notForThisDevice(details)
            case CALLKEY_ERR_NO_DEVICES: .noDevices(details)
            case CALLKEY_ERR_DEVICE_IDENTITY: .deviceIdentity(details)
            case CALLKEY_ERR_STALE: .stale(details)
            case CALLKEY_ERR_CONFLICT: .conflict(details)
            case CALLKEY_ERR_STORE: .store(details)
            case CALLKEY_ERR_STORE_KEY: .storeKey(details)
            case CALLKEY_ERR_STORE_CORRUPT: .storeCorrupt(details)
            case CALLKEY_ERR_FORKED: .forked(details)
            case CALLKEY_ERR_INTERNAL: .internal(details)
            case CALLKEY_ERR_NOT_FOUND: .notFound(details)
            case CALLKEY_ERR_BUSY: .busy(details)
            default: .unknown(status: status, details)
            }
    }

    /// The same failure with the contents of the stanza.
    func about(_ info: OfferInfo?) -> CallKeyError {
        guard let status else { return self }
        return CallKeyError(status: status, words, info: info, errno: parts.details.errno)
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

    /// The fault, as text for a log or a developer. It never contains a secret.
    public var words: String { parts.details.words }

    /// The contents of the stanza, if the function was to open or parse one and it parsed: the call, the sender, and
    /// the identity in a pkmsg. So an app can reject the call, ask for its key again, or show a changed identity.
    /// ``Store/openEnc(_:type:version:from:)`` has no stanza: there it has the enc's type, version, sender and identity.
    public var info: OfferInfo? { parts.details.info }

    private var parts: (status: Int32?, details: Details) {
        switch self {
        case .argument(let details): (CALLKEY_ERR_ARGUMENT, details)
        case .buffer(let details): (CALLKEY_ERR_BUFFER, details)
        case .handle(let details): (CALLKEY_ERR_HANDLE, details)
        case .keyLength(let details): (CALLKEY_ERR_KEY_LENGTH, details)
        case .participant(let details): (CALLKEY_ERR_PARTICIPANT, details)
        case .invalidKey(let details): (CALLKEY_ERR_INVALID_KEY, details)
        case .malformed(let details): (CALLKEY_ERR_MALFORMED, details)
        case .unsupported(let details): (CALLKEY_ERR_UNSUPPORTED, details)
        case .authentication(let details): (CALLKEY_ERR_AUTHENTICATION, details)
        case .duplicate(let details): (CALLKEY_ERR_DUPLICATE, details)
        case .tooFar(let details): (CALLKEY_ERR_TOO_FAR, details)
        case .noSession(let details): (CALLKEY_ERR_NO_SESSION, details)
        case .noPrekey(let details): (CALLKEY_ERR_NO_PREKEY, details)
        case .untrustedIdentity(let details, _, _): (CALLKEY_ERR_UNTRUSTED_IDENTITY, details)
        case .noIdentity(let details): (CALLKEY_ERR_NO_IDENTITY, details)
        case .notForThisDevice(let details): (CALLKEY_ERR_NOT_FOR_THIS_DEVICE, details)
        case .noDevices(let details, _): (CALLKEY_ERR_NO_DEVICES, details)
        case .deviceIdentity(let details): (CALLKEY_ERR_DEVICE_IDENTITY, details)
        case .stale(let details): (CALLKEY_ERR_STALE, details)
        case .conflict(let details): (CALLKEY_ERR_CONFLICT, details)
        case .store(let details): (CALLKEY_ERR_STORE, details)
        case .storeKey(let details): (CALLKEY_ERR_STORE_KEY, details)
        case .storeCorrupt(let details): (CALLKEY_ERR_STORE_CORRUPT, details)
        case .forked(let details): (CALLKEY_ERR_FORKED, details)
        case .internal(let details): (CALLKEY_ERR_INTERNAL, details)
        case .notFound(let details), .noEpoch(let details): (CALLKEY_ERR_NOT_FOUND, details)
        case .busy(let details): (CALLKEY_ERR_BUSY, details)
        case .unknown(let status, let details): (status, details)
        case .notAnswered(let details), .wrongDevice(let details): (nil, details)
        }
    }
}

extension CallKeyError: CustomStringConvertible {
    /// The macro name and the text.
    public var description: String { "\(name): \(words)" }
}
