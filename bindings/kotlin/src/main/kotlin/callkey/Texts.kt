package callkey

/** A text for the library: UTF-8 with its NUL. [what] names it in an error. */
internal fun utf8(text: String, what: String): ByteArray {
    var index = 0
    while (index < text.length) {
        val char = text[index]
        if (char == '\u0000') throw CallKeyException.Argument("$what has a NUL at index $index")
        if (char.isSurrogate()) {
            if (!char.isHighSurrogate() || index + 1 == text.length || !text[index + 1].isLowSurrogate()) {
                throw CallKeyException.Argument("$what has half a surrogate pair at index $index")
            }
            index++
        }
        index++
    }
    val bytes = text.toByteArray(Charsets.UTF_8)
    return bytes.copyOf(bytes.size + 1)
}

/** Like [utf8], for a list; an error names the text by its place, "jids[3]". */
internal fun utf8(texts: List<String>, what: String): Array<ByteArray> =
    Array(texts.size) { utf8(texts[it], "$what[$it]") }

/** A number that C keeps in 32 bits without a sign. */
internal fun u32(number: Long, what: String): Int {
    if (number !in 0..0xFFFFFFFFL) throw CallKeyException.Argument("$what is $number, not 0 to 4294967295")
    return number.toInt()
}

/** The reverse of [u32]. */
internal fun Int.unsigned(): Long = toLong() and 0xFFFFFFFFL

/** Lower-case hexadecimal digits. */
internal fun hexadecimal(bytes: ByteArray): String = bytes.joinToString("") { "%02x".format(it) }
