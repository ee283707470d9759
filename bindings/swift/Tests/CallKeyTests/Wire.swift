import CallKey

/// Binary XML as a server delivers it, which the library does not write: a `<call>` with `from`. Lists of up to 255
/// elements (f8), texts and bytes of up to 255 (fc).
enum Wire {
    static func bytes(_ value: [UInt8]) -> [UInt8] { [0xFC, UInt8(value.count)] + value }
    static func text(_ value: String) -> [UInt8] { bytes(Array(value.utf8)) }

    /// A node; `content` is a list of nodes or bytes, written already.
    static func node(_ tag: String, _ attributes: [(String, String)], _ content: [UInt8] = []) -> [UInt8] {
        let size = 1 + 2 * attributes.count + (content.isEmpty ? 0 : 1)
        var node = [0xF8, UInt8(size)] + text(tag)
        for (name, value) in attributes { node += text(name) + text(value) }
        return node + content
    }

    /// A whole stanza of one child of `<call>`.
    static func call(_ child: [UInt8], from: String) -> [UInt8] {
        let content: [UInt8] = [0xF8, 1] + child
        return [0] + node("call", [("from", from)], content)
    }

    /// An offer as a server delivers it: the creator is the peer's word, `from` the server's.
    static func offer(_ enc: Enc, creator: String, from: String) -> [UInt8] {
        let node = Self.node(
            "enc", [("v", "2"), ("type", enc.type.description), ("count", "0")], bytes(enc.ciphertext))
        let encopt = Self.node("encopt", [("keygen", "2")])
        let content: [UInt8] = [0xF8, 2] + node + encopt
        let offer = Self.node("offer", [("call-id", "AB12"), ("call-creator", creator)], content)
        return call(offer, from: from)
    }
}
