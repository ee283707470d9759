import CCallKey

/// The size of the longest text of `callkey_last_error`, with its NUL.
private let lastErrorBytes = 512

/// Throws what a status says, unless it is `CALLKEY_OK`. On the thread that called: the library
/// keeps one text per thread.
func check(_ status: callkey_status) throws(CallKeyError) {
    guard status != CALLKEY_OK else { return }
    throw CallKeyError(status: status, lastError())
}

private func lastError() -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: lastErrorBytes) { out in
        var size = out.count
        guard callkey_last_error(out.baseAddress, &size) == CALLKEY_OK, size > 0 else { return "" }
        return String(cString: out.baseAddress!)
    }
}

/// One attempt at a variable output: where it goes, and its capacity, which becomes its size.
typealias Attempt = (UnsafeMutablePointer<UInt8>?, inout Int) -> callkey_status

/// A variable output that is not secret. NULL asks for the size; where padding is random or a
/// session moves on in between, the answer can grow, so BUFFER is answered until it fits.
func output(_ attempt: Attempt) throws(CallKeyError) -> [UInt8] {
    var status = CALLKEY_ERR_BUFFER
    var capacity = 0
    var size = 0
    status = attempt(nil, &size)
    var bytes: [UInt8] = []
    while status == CALLKEY_ERR_BUFFER, size > capacity {
        capacity = size
        bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            status = attempt(buffer.baseAddress, &size)
            count = status == CALLKEY_OK ? size : 0
        }
    }
    try check(status)
    return bytes
}

/// As ``output(_:)``, of a secret.
func secretOutput(_ attempt: Attempt) throws(CallKeyError) -> SecretBytes {
    var capacity = 0
    var size = 0
    var status = attempt(nil, &size)
    var bytes = SecretBytes(count: 0)
    while status == CALLKEY_ERR_BUFFER, size > capacity {
        capacity = size
        bytes = SecretBytes(count: capacity)
        status = attempt(bytes.pointer, &size)
    }
    try check(status)
    return SecretBytes(copying: bytes.buffer.prefix(size))
}

/// As ``output(_:)``, of a text, whose size counts its NUL.
func textOutput(_ attempt: (UnsafeMutablePointer<CChar>?, inout Int) -> callkey_status) throws(CallKeyError) -> String {
    let bytes = try output { out, size in
        attempt(out.map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: CChar.self) }, &size)
    }
    return String(decoding: bytes.dropLast(), as: UTF8.self)
}
