import CallKey

/// The two sides of a call, each with its own store in memory.
struct Pair: Sendable {
    static let alice = "111111111111111:0@lid"
    static let bob = "222222222222222:0@lid"

    let caller: Store
    let callee: Store

    /// The caller can seal for the callee.
    init() throws {
        caller = try Store.open()
        callee = try Store.open()
        try caller.session(with: Self.bob).begin(callee.takeBundle())
    }

    /// The callee has answered: from now on the caller seals a msg.
    func acknowledge() throws {
        let first = try CallKey.generate()
        let enc = try caller.sealEnc(first, for: Self.bob)
        _ = try callee.openEnc(enc.ciphertext, type: enc.type, from: Self.alice)
        let reply = try callee.sealEnc(first, for: Self.alice)
        _ = try caller.openEnc(reply.ciphertext, type: reply.type, from: Self.bob)
    }
}
