package callkey

/** The bytes of a call key in base64, of either alphabet, with or without padding. */
internal fun decodedBase64(text: CharSequence): SecretBytes {
    val digits = text.length - text.reversed().takeWhile { it == '=' }.length
    val padding = text.length - digits
    if (digits % 4 == 1 || padding != 0 && padding != (4 - digits % 4) % 4) notBase64()
    return SecretBytes.filled(digits * 3 / 4) { out ->
        var held = 0
        var bits = 0
        var size = 0
        for (index in 0 until digits) {
            held = (held shl 6 or digit(text[index])) and 0xFFF
            bits += 6
            if (bits >= 8) {
                bits -= 8
                out.put(size++, (held shr bits).toByte())
            }
        }
        if (held and ((1 shl bits) - 1) != 0) notBase64()
    }
}

private fun digit(char: Char): Int = when (char) {
    in 'A'..'Z' -> char - 'A'
    in 'a'..'z' -> char - 'a' + 26
    in '0'..'9' -> char - '0' + 52
    '+', '-' -> 62
    '/', '_' -> 63
    else -> notBase64()
}

private fun notBase64(): Nothing =
    throw CallKeyException.Malformed("a call key or epoch in base64 is 44 characters, or 43 without padding")
