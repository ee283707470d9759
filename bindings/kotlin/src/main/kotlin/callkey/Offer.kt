package callkey

/** A sealed offer. */
public class Offer internal constructor(
    /** Binary XML as in the encrypted socket frame, flag byte first. */
    public val wire: ByteArray,
    /** One for each device, in the order of the devices. */
    public val results: List<DeviceResult>,
) {
    /** The stanza as text for people; byte contents in hexadecimal. */
    public fun toXml(): String = Stanza.toXml(wire)

    public companion object {
        /**
         * The stanza for ciphertexts from the app's own Signal sessions.
         *
         * @throws CallKeyException.NoDevices without an enc.
         * @throws CallKeyException.DeviceIdentity for a pkmsg without one.
         * @throws CallKeyException.Argument for an empty ciphertext.
         */
        @JvmStatic
        @JvmOverloads
        public fun build(encs: List<Enc>, options: OfferOptions? = null): ByteArray = native.offerBuild(
            Array(encs.size) { enc(utf8(encs[it].jid, "jids[$it]"), encs[it].ciphertext, encs[it].type.number) },
            options?.members(),
        )
    }
}
