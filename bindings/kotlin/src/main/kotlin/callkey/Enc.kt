package callkey

/** One device's ciphertext, for an `<enc v="2" type="…" count="0">`. */
public class Enc(
    /** Its device. */
    public val jid: String,
    public val type: EncType,
    public val ciphertext: ByteArray,
)
