import CCallKey

/// The size of the longest text of `callkey_last_error`, with its NUL.
private let lastErrorBytes = 512

/// Throws the error of a status, unless it is `CALLKEY_OK`. Call it on the same thread: the
/// library keeps one text per thread.
func check(_ status: callkey_status) throws(CallKeyError) {
    guard status != CALLKEY_OK else { return }
    throw CallKeyError(status: status, lastError(), errno: lastErrno())
}

private func lastError() -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: lastErrorBytes) { out in
        var size = out.count
        guard callkey_last_error(out.baseAddress, &size) == CALLKEY_OK, size > 0 else { return "" }
        return String(cString: out.baseAddress!)
    }
}

/// The operating system's error number of this thread's last failure, 0 if it was not one of the system.
private func lastErrno() -> Int32 {
    var number: UInt32 = 0
    return callkey_last_errno(&number) == CALLKEY_OK ? Int32(bitPattern: number) : 0
}

/// One attempt at a variable output: its place, and its capacity, which becomes its size.
typealias Attempt = (UnsafeMutablePointer<UInt8>?, inout Int) -> callkey_status

/// A variable output that is not secret. Without `room`, the capacity of the first attempt, NULL asks for the size;
/// if padding is random or a session advances in between, the size can grow, so it retries after BUFFER until the
/// output fits.
func output(room: Int = 0, _ attempt: Attempt) throws(CallKeyError) -> [UInt8] {
    var status = CALLKEY_ERR_BUFFER
    var capacity = 0
    var size = room
    if room == 0 { status = attempt(nil, &size) }
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

/// Like ``output(room:_:)``, for a secret.
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

/// Like ``output(room:_:)``, for a text; its size counts the NUL.
func textOutput(_ attempt: (UnsafeMutablePointer<CChar>?, inout Int) -> callkey_status) throws(CallKeyError) -> String {
    let bytes = try output { out, size in
        attempt(out.map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: CChar.self) }, &size)
    }
    return String(decoding: bytes.dropLast(), as: UTF8.self)
}
