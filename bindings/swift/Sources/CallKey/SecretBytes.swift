import CCallKey

/// The only copy of a secret, in its own memory, which is set to zero before it is freed.
///
/// The bytes are not in the value: moving it moves no bytes, and leaves none behind on a stack. They are
/// never written after their creation, so any thread may read them.
struct SecretBytes: ~Copyable, @unchecked Sendable {
    /// The place of the bytes, valid as long as the secret.
    typealias View = (pointer: UnsafeMutablePointer<UInt8>, count: Int)

    let view: View

    var pointer: UnsafeMutablePointer<UInt8> { view.pointer }
    var count: Int { view.count }
    var buffer: UnsafeMutableBufferPointer<UInt8> { UnsafeMutableBufferPointer(start: view.pointer, count: view.count) }

    /// `count` zeros, to be filled before any other use.
    init(count: Int) {
        let pointer = UnsafeMutablePointer<UInt8>.allocate(capacity: max(count, 1))
        pointer.initialize(repeating: 0, count: max(count, 1))
        view = (pointer, count)
    }

    init(copying bytes: some Collection<UInt8>) {
        self.init(count: bytes.count)
        _ = buffer.update(fromContentsOf: bytes)
    }

    deinit {
        callkey_wipe(view.pointer, view.count)
        view.pointer.deallocate()
    }

    func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: view.pointer, count: view.count))
    }
}

/// Calls `body` with a copy of secret bytes, which is wiped afterwards.
func withSecret<R>(
    copying bytes: some Collection<UInt8>, _ body: (UnsafeMutablePointer<UInt8>, Int) throws(CallKeyError) -> R
) throws(CallKeyError) -> R {
    let copy = SecretBytes(copying: bytes)
    return try body(copy.pointer, copy.count)
}
