import CCallKey

/// One device's part of a batch.
public struct Sealed: Sendable, Equatable {
    public let jid: String
    /// The type of a message; ``EncType/none`` for a stanza, which says it, and for a device that was skipped.
    public let encType: EncType
    /// The error for this device; nil if something was sealed for it.
    public let error: CallKeyError?
    /// Its stanza or its ciphertext; none if it was skipped.
    public let content: [UInt8]

    public var isSealed: Bool { error == nil }
}

extension Store {
    /// Begins a session with each device, in one commit. A device that fails is skipped and reported.
    ///
    /// - Parameter bundles: the devices, each with the bundle that it published.
    /// - Returns: a result for each, in their order.
    /// - Throws: ``CallKeyError/noDevices(_:results:)``, with the reasons in its results.
    public func beginSessions(
        _ bundles: [(jid: String, bundle: PrekeyBundle)]
    ) throws(CallKeyError) -> [DeviceResult] {
        var batch = Batch(self, bundles.map(\.jid), presented: bundles.map(\.bundle.identityKey))
        return try batch.run { batch throws(CallKeyError) in
            try withTexts(batch.jids, "a device") { jids, n throws(CallKeyError) in
                try withBundles(bundles.map(\.bundle)) { bundles throws(CallKeyError) in
                    try check(callkey_session_begin_batch(handle, &batch.statuses, jids, bundles, n))
                }
            }
            return batch.results
        }
    }

    /// Encrypts a message for each device, in one commit. A device that fails is skipped and reported.
    ///
    /// - Parameter messages: the devices, each with its plaintext.
    /// - Returns: a ciphertext for each, in their order.
    /// - Throws: ``CallKeyError/noDevices(_:results:)``, with the reasons in its results.
    public func sealMessages(
        _ messages: [(jid: String, plaintext: [UInt8])]
    ) throws(CallKeyError) -> [Sealed] {
        var batch = Batch(self, messages.map(\.jid))
        return try batch.run { batch throws(CallKeyError) in
            // Each plaintext's place in one block, so that no pointer outlives its bytes.
            let joint = messages.flatMap(\.plaintext) + [0]
            let lengths = messages.map(\.plaintext.count)
            let out = try withTexts(batch.jids, "a device") { jids, n throws(CallKeyError) in
                try withPointer(joint) { joint throws(CallKeyError) in
                    var start = joint.baseAddress!
                    var pointers: [UnsafePointer<UInt8>?] = []
                    for length in lengths {
                        pointers.append(start)
                        start += length
                    }
                    return try output { out, size in
                        callkey_message_seal_batch(
                            handle, out, &size, &batch.ends, &batch.statuses, &batch.encTypes, jids, pointers, lengths,
                            n)
                    }
                }
            }
            return batch.parts(of: out)
        }
    }

    /// Encrypts a group call's epoch for each device, in one commit, and writes their `<call><enc_rekey>`. A device that
    /// fails is skipped and reported.
    ///
    /// - Parameters:
    ///   - epoch: from ``Epoch/generate()``, fresh for every number.
    ///   - transactionID: the epoch's number in its call, above all earlier ones; not
    ///     0.
    ///   - devices: those of the other participants.
    ///   - options: as in ``sealRekey(_:transactionID:for:options:)``. Each stanza has its stanza id, if there is one.
    /// - Returns: a stanza for each, in their order.
    /// - Throws: ``CallKeyError/noDevices(_:results:)``, with the reasons in its results.
    public func sealRekeys(
        _ epoch: borrowing Epoch, transactionID: UInt32, for devices: [String], options: OfferOptions
    ) throws(CallKeyError) -> [Sealed] {
        let key = epoch.key.secret.view
        var batch = Batch(self, devices)
        return try batch.run { batch throws(CallKeyError) in
            let out = try withTexts(devices, "a device") { jids, n throws(CallKeyError) in
                try withOptions(options) { options throws(CallKeyError) in
                    try output { out, size in
                        callkey_rekey_seal_batch(
                            handle, out, &size, &batch.ends, &batch.statuses, key.pointer, key.count, transactionID,
                            jids, n, options)
                    }
                }
            }
            return batch.parts(of: out)
        }
    }
}

/// The outputs that the calls for several devices share.
struct Batch {
    let jids: [String]
    private let store: Store
    private let presented: [[UInt8]?]?
    var statuses: [callkey_status]
    var encTypes: [UInt32]
    var ends: [Int]

    /// `presented` has the identity key of each device's bundle; nil: it has none.
    init(_ store: Store, _ jids: [String], presented: [[UInt8]?]? = nil) {
        self.store = store
        self.jids = jids
        self.presented = presented
        statuses = [callkey_status](repeating: CALLKEY_OK, count: jids.count)
        encTypes = [UInt32](repeating: 0, count: jids.count)
        ends = [Int](repeating: 0, count: jids.count)
    }

    /// Gives `noDevices` the results.
    mutating func run<R>(_ work: (inout Batch) throws(CallKeyError) -> R) throws(CallKeyError) -> R {
        do throws(CallKeyError) {
            return try work(&self)
        } catch .noDevices(let words, _) {
            throw .noDevices(words, results: results)
        }
    }

    var results: [DeviceResult] {
        jids.indices.map { index in
            DeviceResult(
                jid: jids[index], encType: EncType(rawValue: encTypes[index]) ?? .none,
                error: store.error(of: jids[index], status: statuses[index], presented: presented?[index] ?? nil))
        }
    }

    func parts(of out: [UInt8]) -> [Sealed] {
        zip(results, zip([0] + ends, ends)).map { result, part in
            Sealed(
                jid: result.jid, encType: result.encType, error: result.error,
                content: Array(out[part.0..<part.1]))
        }
    }
}
