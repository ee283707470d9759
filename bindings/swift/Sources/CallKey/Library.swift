import CCallKey

/// The linked library's version and self-test.
public enum Library {
    /// Its version.
    public static var version: String { String(cString: callkey_version()) }

    /// Its ABI version. It may be newer than the header that this package was compiled with, within the same
    /// major number.
    public static var abiVersion: (major: UInt32, minor: UInt32) {
        let number = callkey_abi_version()
        return (number >> 16, number & 0xFFFF)
    }

    /// Checks that the library is as new as this package and that every primitive gives its known answers.
    /// It takes milliseconds.
    ///
    /// - Throws: ``CallKeyError/unsupported(_:)`` for an older library or another ABI,
    ///   ``CallKeyError/internal(_:)`` for a wrong answer.
    public static func selftest() throws(CallKeyError) {
        let (major, minor) = abiVersion
        guard major == CALLKEY_ABI_MAJOR, minor >= CALLKEY_ABI_MINOR else {
            throw .unsupported(
                """
                the library has ABI version \(major).\(minor), this package needs \
                \(CALLKEY_ABI_MAJOR).\(CALLKEY_ABI_MINOR) or a later \(CALLKEY_ABI_MAJOR).x
                """)
        }
        try check(callkey_selftest())
    }
}
