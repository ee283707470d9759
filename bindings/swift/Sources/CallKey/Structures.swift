/// A byte array of a C struct, which Swift sees as a tuple.
func bytes<Tuple>(of tuple: Tuple) -> [UInt8] {
    withUnsafeBytes(of: tuple) { Array($0) }
}

/// Fills a byte array of a C struct from bytes of the same number.
func fill<Tuple>(_ tuple: inout Tuple, with bytes: [UInt8]) {
    withUnsafeMutableBytes(of: &tuple) { $0.copyBytes(from: bytes) }
}

/// A text in a C struct, up to its NUL. A peer's text need not be UTF-8, and an opened key must not be
/// lost because of it, so invalid parts are replaced.
func text<Tuple>(of tuple: Tuple) -> String {
    withUnsafeBytes(of: tuple) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}
