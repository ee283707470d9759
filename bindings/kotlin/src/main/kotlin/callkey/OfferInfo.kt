package callkey

import java.nio.ByteBuffer

/**
 * The contents of a stanza about its call; "" and 0 for missing ones. A key that opened proves only the session of
 * [sender]; an error proves nothing. A device's JID is spelled like its participant id, e.g. `user:0@lid`, whatever the
 * stanza has.
 */
public class OfferInfo internal constructor(
    public val kind: StanzaKind,
    /** Of `<encopt>`; 0: none that can be read. */
    public val keygen: Long,
    public val encType: EncType,
    /** `v` of `<enc>`: 2 (also without `v`) or 3; 0 without an `<enc>`, or of an unknown version. */
    public val encVersion: Int,
    public val isVideo: Boolean,
    public val isGroup: Boolean,
    /** The stanza is an `<accept>`; without a key it names who answered. */
    public val isAccept: Boolean,
    /** Of `<enc_rekey>` only, else 0. */
    public val transactionId: Long,
    public val callId: String,
    /** The caller by the peer's word. Like [from] it is told as it came if it is not a device. */
    public val callCreator: String,
    /** `from` of `<call>`: the sender by the server's word, a device, a user or a group. */
    public val from: String,
    sender: String,
    /** The identity key in a pkmsg, 32 bytes. Unless the key was opened, anyone may have written it there. */
    public val senderIdentity: ByteArray?,
) {
    /**
     * The device of the session that was, or would be, used; without a key, the device that sent the stanza, "" if none
     * is named. After [CallKeyException.Conflict] it is the device that the server names, "" if it names none.
     */
    public var sender: String = sender
        internal set

    internal companion object {
        /** The size of the library's struct without its size: 6 numbers, 4 texts and a key. */
        private const val BYTES = 6 * 4 + 4 * Sizes.JID + Sizes.PUBLIC_KEY

        /** Room for the library's struct. */
        fun room(): ByteArray = ByteArray(BYTES)

        /** Null if the stanza did not parse. */
        fun ofFailure(struct: ByteArray): OfferInfo? = if (struct.all { it == 0.toByte() }) null else of(struct)

        /** Of a message outside of a stanza. */
        fun ofMessage(content: ByteArray, type: EncType, version: Int, sender: String): OfferInfo {
            val identity = try {
                MessageInfo.parse(content, type)?.identityKey
            } catch (_: CallKeyException) {
                null
            }
            return OfferInfo(
                StanzaKind.NONE, 0, type, version, isVideo = false, isGroup = false, isAccept = false,
                transactionId = 0, callId = "", callCreator = "", from = "", sender, identity,
            )
        }

        fun of(struct: ByteArray): OfferInfo {
            val from = struct(struct)
            val kind = from.int
            val keygen = from.int
            val encType = from.int
            val encVersion = from.int
            val flags = from.int
            val transactionId = from.int
            return OfferInfo(
                StanzaKind.of(kind), keygen.unsigned(), EncType.of(encType), encVersion,
                flags and Header.INFO_VIDEO != 0, flags and Header.INFO_GROUP != 0, flags and Header.INFO_ACCEPT != 0,
                transactionId.unsigned(), text(from), text(from), text(from), text(from),
                bytes(from, Sizes.PUBLIC_KEY).takeIf { key -> key.any { it != 0.toByte() } },
            )
        }

        /** A text up to its NUL. A peer's text need not be UTF-8, and an opened key must not be lost because of it. */
        private fun text(from: ByteBuffer): String {
            val bytes = bytes(from, Sizes.JID)
            return String(bytes, 0, bytes.indexOf(0), Charsets.UTF_8)
        }
    }
}
