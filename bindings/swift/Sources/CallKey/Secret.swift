import CCallKey

/// Secret bytes: they can't be copied, never print themselves, and are set to zero at the end of the
/// value's life.
///
/// A secret is noncopyable. It lives to the end of its scope, of the object that holds it, or until it
/// is passed to a `consuming` parameter or to ``wipe()``. Functions borrow it. Because it is
/// noncopyable, the compiler also rejects it in `print`, string interpolation, `dump`, an `Array` or
/// an `Any`.
///
/// A secret may be used by several tasks at once. Its life can't end while one of them borrows it: the borrower keeps
/// it alive, and with it the object that holds it. So it is never wiped during a call, and no call sees zeros.
public protocol Secret: ~Copyable, Sendable {
    /// Its kind, for people: "call key".
    static var noun: String { get }

    /// THE SECRET ITSELF, for storage or another library, never for a log. The pointer is valid
    /// until `body` returns; the caller must wipe any copy.
    func withUnsafeBytes<R: ~Copyable, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R
}

extension Secret where Self: ~Copyable {
    /// Its length in bytes; not secret.
    public var count: Int { withUnsafeBytes { $0.count } }

    /// Its kind and length; none of its bytes.
    public var description: String { "<\(Self.noun): \(count) secret bytes>" }

    /// The same as ``description``: a debugger shows no more.
    public var debugDescription: String { description }

    /// Ends the secret's life here, and sets its bytes to zero.
    public consuming func wipe() {}

    /// Whether two secrets have the same bytes. It takes the same time wherever they differ.
    public static func == (one: borrowing Self, other: borrowing Self) -> Bool {
        one.withUnsafeBytes { one in
            other.withUnsafeBytes { other in
                guard one.count == other.count else { return false }
                var difference: UInt8 = 0
                for index in one.indices { difference |= one[index] ^ other[index] }
                return difference == 0
            }
        }
    }

    /// Whether two secrets differ, in the same time wherever they do.
    public static func != (one: borrowing Self, other: borrowing Self) -> Bool { !(one == other) }
}
