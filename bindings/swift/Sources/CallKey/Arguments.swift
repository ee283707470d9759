/// Calls `body` with the text as NUL-terminated UTF-8. C would silently cut it at a NUL, so a NUL
/// is rejected.
func withText<R>(
    _ text: String, _ what: String, _ body: (UnsafePointer<CChar>) throws(CallKeyError) -> R
) throws(CallKeyError) -> R {
    let terminated = text.utf8CString
    if terminated.dropLast().contains(0) { throw .argument("\(what) has a NUL inside") }
    return try withPointer(terminated) { buffer throws(CallKeyError) in try body(buffer.baseAddress!) }
}

/// Like ``withText(_:_:_:)``; nil is NULL.
func withText<R>(
    optional text: String?, _ what: String, _ body: (UnsafePointer<CChar>?) throws(CallKeyError) -> R
) throws(CallKeyError) -> R {
    guard let text else { return try body(nil) }
    return try withText(text, what) { terminated throws(CallKeyError) in try body(terminated) }
}

/// Calls `body` with a `const char *const *` of the texts and their number.
func withTexts<R>(
    _ texts: [String], _ what: String, _ body: (UnsafePointer<UnsafePointer<CChar>?>, Int) throws(CallKeyError) -> R
) throws(CallKeyError) -> R {
    // One block of bytes for all, so that no pointer outlives its text.
    var joint: [CChar] = []
    var starts: [Int] = []
    for text in texts {
        let terminated = text.utf8CString
        if terminated.dropLast().contains(0) { throw .argument("\(what) has a NUL inside") }
        starts.append(joint.count)
        joint.append(contentsOf: terminated)
    }
    return try withPointer(joint) { joint throws(CallKeyError) in
        // One element more than texts, because an empty array has no address.
        var pointers: [UnsafePointer<CChar>?] = starts.map { joint.baseAddress! + $0 }
        pointers.append(nil)
        return try withPointer(pointers) { pointers throws(CallKeyError) in
            try body(pointers.baseAddress!, texts.count)
        }
    }
}

/// Calls `body` with the bytes; nil is NULL; empty bytes are not NULL.
func withBytes<R>(
    optional bytes: [UInt8]?, _ body: (UnsafePointer<UInt8>?, Int) throws(CallKeyError) -> R
) throws(CallKeyError) -> R {
    guard let bytes else { return try body(nil, 0) }
    return try withPointer(bytes + [0]) { buffer throws(CallKeyError) in
        try body(buffer.baseAddress, bytes.count)
    }
}

/// An array's own `withUnsafeBufferPointer` loses the type of the error.
func withPointer<Elements: Collection, R>(
    _ elements: Elements, _ body: (UnsafeBufferPointer<Elements.Element>) throws(CallKeyError) -> R
) throws(CallKeyError) -> R {
    let result = elements.withContiguousStorageIfAvailable { buffer -> Result<R, CallKeyError> in
        do throws(CallKeyError) {
            return .success(try body(buffer))
        } catch {
            return .failure(error)
        }
    }
    guard let result else { return try withPointer(Array(elements), body) }
    return try result.get()
}
