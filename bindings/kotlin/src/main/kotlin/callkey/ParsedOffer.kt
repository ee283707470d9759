package callkey

/**
 * The contents of a stanza without decryption: this device's ciphertext, and the information about the call.
 */
public class ParsedOffer private constructor(
    public val ciphertext: ByteArray,
    /**
     * Its sender is the first sender that the stanza names. If [OfferInfo.from] is another user, find out who it is
     * before you accept an unknown identity under either name.
     */
    public val info: OfferInfo,
) {
    public companion object {
        /**
         * Parses any of `<call>`, `<offer>`, `<accept>`, `<enc_rekey>`, `<destination>` and `<enc>`, compressed or not.
         *
         * @param wire binary XML, flag byte first.
         * @param own this device's JIDs, LID and phone number, with device.
         * @throws CallKeyException.NotForThisDevice if the stanza has no ciphertext for it.
         * @throws CallKeyException.Malformed for bytes that are no such stanza.
         * @throws CallKeyException.Unsupported for what is newer than this library. Each has
         *   [info][CallKeyException.info] if the stanza parsed.
         */
        @JvmStatic
        public fun parse(wire: ByteArray, own: List<String>): ParsedOffer {
            val info = OfferInfo.room()
            try {
                val ciphertext = native.offerParse(info, wire, utf8(own, "own"))
                return ParsedOffer(ciphertext, OfferInfo.of(info))
            } catch (e: CallKeyException) {
                e.info = OfferInfo.ofFailure(info)
                throw e
            }
        }
    }
}
