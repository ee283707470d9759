import CCallKey

/// The epoch in force, and its number.
@frozen public struct CurrentEpoch: ~Copyable, Sendable {
    public let epoch: Epoch
    public let transactionID: UInt32
}

/// The epochs of one group call, and the one in force. The app checks the sender of an epoch: it must be
/// the creator of the call or a connected member of its roster.
///
/// Any task or thread may use it at any time.
public final class Epochs: Sendable {
    private let handle: callkey_epochs

    /// Starts to keep the epochs of one group call.
    public init() throws(CallKeyError) {
        var handle: callkey_epochs = 0
        try check(callkey_epochs_new(&handle))
        self.handle = handle
    }

    deinit {
        // It also sets them to zero.
        _ = callkey_epochs_free(handle)
    }

    /// Adds an epoch that arrived, or a new one of your own. It is installed if the roster has reached
    /// its number, unless a newer one is in force; without a roster, or ahead of it, it waits.
    ///
    /// At most 8 wait. Beyond that the one with the largest number is dropped, even if it is this one: if
    /// the roster reaches its number and ``current()`` does not, ask for the epoch again.
    ///
    /// - Parameters:
    ///   - epoch: received or generated.
    ///   - transactionID: its number, e.g. from ``Store/openRekey(_:sender:)``; not 0.
    /// - Throws: ``CallKeyError/stale(_:)`` if a newer one is in force, ``CallKeyError/conflict(_:)`` if this
    ///   number is known with other bytes, which stay, ``CallKeyError/invalidKey(_:)`` for zeros.
    public func add(_ epoch: borrowing Epoch, transactionID: UInt32) throws(CallKeyError) {
        let key = epoch.key.secret.view
        try check(callkey_epochs_add(handle, transactionID, key.pointer, key.count))
    }

    /// Sets the number of the roster that the server has announced. The newest waiting epoch that it
    /// reaches is installed, and older waiting ones are dropped. An older or equal number changes nothing.
    public func roster(_ transactionID: UInt32) throws(CallKeyError) {
        try check(callkey_epochs_roster(handle, transactionID))
    }

    /// The epoch in force. Call this after every ``add(_:transactionID:)`` and
    /// ``roster(_:)``.
    ///
    /// - Throws: ``CallKeyError/noEpoch(_:)`` while none is installed.
    public func current() throws(CallKeyError) -> CurrentEpoch {
        let key = SecretBytes(count: Int(CALLKEY_KEY_BYTES))
        var transactionID: UInt32 = 0
        do throws(CallKeyError) {
            try check(callkey_epochs_current(handle, key.pointer, &transactionID))
        } catch .notFound(let details) {
            throw .noEpoch(details)
        }
        return CurrentEpoch(epoch: Epoch(owning: key), transactionID: transactionID)
    }
}
