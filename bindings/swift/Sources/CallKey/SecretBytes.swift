import CCallKey

/// The one copy of a secret, in memory of its own, which is set to zero before it is given back.
///
/// The secrets hold it by reference: moving one from place to place moves no bytes, and leaves none
/// behind on a stack. It is never written after it was made, so any thread may read it.
final class SecretBytes: @unchecked Sendable {
    private let start: UnsafeMutablePointer<UInt8>
    private let size: Int

    // Swift 6.0 crashes where a noncopyable value reaches through a reference for a stored `let`.
    var pointer: UnsafeMutablePointer<UInt8> { start }
    var count: Int { size }

    /// `count` zeros, to be filled before anyone else sees it.
    init(count: Int) {
        size = count
        start = .allocate(capacity: max(count, 1))
        start.initialize(repeating: 0, count: max(count, 1))
    }

    convenience init(copying bytes: some Collection<UInt8>) {
        self.init(count: bytes.count)
        _ = buffer.update(fromContentsOf: bytes)
    }

    deinit {
        callkey_wipe(start, size)
        start.deallocate()
    }

    var buffer: UnsafeMutableBufferPointer<UInt8> { UnsafeMutableBufferPointer(start: pointer, count: count) }

    func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: pointer, count: count))
    }
}

/// Calls `body` with a copy of secret bytes from elsewhere, which is wiped after it.
func withSecret<R>(
    copying bytes: some Collection<UInt8>, _ body: (UnsafeMutablePointer<UInt8>, Int) throws(CallKeyError) -> R
) throws(CallKeyError) -> R {
    let copy = SecretBytes(copying: bytes)
    defer { withExtendedLifetime(copy) {} }
    return try body(copy.pointer, copy.count)
}

extension SecretBytes: CustomStringConvertible, CustomReflectable {
    var description: String { "\(count) secret bytes" }
    /// `dump` of an object that holds a secret comes here.
    var customMirror: Mirror { Mirror(self, children: []) }
}
