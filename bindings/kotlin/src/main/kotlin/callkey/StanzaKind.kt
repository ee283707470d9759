package callkey

/** The kind of a stanza. Only the first four carry a key. */
public enum class StanzaKind(internal val number: Int) {
    /** A bare `<enc>` or `<destination>`. */
    NONE(Header.KIND_NONE),
    OFFER(Header.KIND_OFFER),
    ACCEPT(Header.KIND_ACCEPT),

    /** An `<enc_rekey>`. */
    REKEY(Header.KIND_REKEY),

    /** Another child of `<call>`, e.g. `<terminate>`. */
    OTHER(Header.KIND_OTHER);

    internal companion object {
        fun of(number: Int): StanzaKind = values().find { it.number == number } ?: OTHER
    }
}
