package callkey

/** The `type` of an enc: pkmsg until the device has acknowledged the session, msg from then on. */
public enum class EncType(internal val number: Int, private val text: String) {
    /** Never written. */
    NONE(Header.ENC_NONE, "none"),
    MSG(Header.ENC_MSG, "msg"),
    PKMSG(Header.ENC_PKMSG, "pkmsg");

    /** As in the stanza. */
    override fun toString(): String = text

    public companion object {
        /**
         * The type that a stanza names, "msg" or "pkmsg".
         *
         * @throws CallKeyException.Unsupported for any other.
         */
        @JvmStatic
        public fun parse(text: String): EncType = when (text) {
            "msg" -> MSG
            "pkmsg" -> PKMSG
            else -> throw CallKeyException.Unsupported("enc type \"$text\" is not supported")
        }

        internal fun of(number: Int): EncType = values().find { it.number == number } ?: NONE
    }
}
