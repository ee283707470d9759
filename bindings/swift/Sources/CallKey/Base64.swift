extension SecretBytes {
    /// The bytes of base64, of either alphabet, with or without padding; nil for any other text.
    static func decoded(base64 text: String.UTF8View) -> SecretBytes? {
        let padding = text.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        let digits = text.dropLast(padding)
        guard digits.count % 4 != 1, padding == 0 || padding == (4 - digits.count % 4) % 4 else { return nil }
        let secret = SecretBytes(count: digits.count * 3 / 4)
        var held: UInt32 = 0
        var bits = 0
        var size = 0
        for digit in digits {
            guard let value = value(ofBase64: digit) else { return nil }
            held = (held << 6 | UInt32(value)) & 0xFFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                secret.pointer[size] = UInt8(truncatingIfNeeded: held >> UInt32(bits))
                size += 1
            }
        }
        guard held & (1 << UInt32(bits) - 1) == 0 else { return nil }
        return secret
    }
}

private func value(ofBase64 digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): digit - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
    case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
    default: nil
    }
}
