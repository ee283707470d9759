import CCallKey

/// Secret bytes: they can't be copied, show themselves nowhere, and are set to zero when the value's
/// life ends.
///
/// A secret is noncopyable. It lives to the end of its scope, of the object that holds it, or until
/// it is given away: to a `consuming` parameter, or to ``wipe()``. Functions borrow it. Because it is
/// noncopyable, it also doesn't go into `print`, string interpolation, `dump`, an `Array` or an `Any`:
/// the compiler refuses.
///
/// A secret may be used by several tasks at once. Its life can't end while one of them has it: who borrows it keeps it,
/// and with it the object that holds it. So it is never wiped under a call, and no call sees zeros.
public protocol Secret: ~Copyable, Sendable {
    /// What it is, for people: "call key".
    static var noun: String { get }

    /// THE SECRET ITSELF, for storage or another library, never for a log. The pointer is good until
    /// `body` returns; a copy made of it is the caller's to wipe.
    func withUnsafeBytes<R: ~Copyable, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R
}

extension Secret where Self: ~Copyable {
    /// Its length in bytes; not secret.
    public var count: Int { withUnsafeBytes { $0.count } }

    /// What it is and its length; no byte of it.
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
