package callkey

/** A sealed message: the `type` and the content of an `<enc>`. */
public class Ciphertext(public val type: EncType, public val content: ByteArray)
