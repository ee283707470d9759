package callkey

/** Stanzas of WhatsApp binary XML, flag byte first. */
public object Stanza {
    /**
     * Any stanza as text for people; byte contents in hexadecimal.
     *
     * @throws CallKeyException.Malformed for bytes that are no stanza.
     * @throws CallKeyException.Unsupported for an unknown flag.
     */
    @JvmStatic
    public fun toXml(wire: ByteArray): String = String(native.stanzaToXml(wire), Charsets.UTF_8)

    /**
     * The stanza that [toXml] wrote as text, not compressed; between nodes there may be other white space.
     *
     * A value that reads as a JID is written as one, and every other text in one form.
     *
     * @throws CallKeyException.Malformed with the line and column in bytes of UTF-8, for all that [toXml] would not
     *   write.
     */
    @JvmStatic
    public fun fromXml(xml: String): ByteArray = native.stanzaFromXml(utf8(xml, "xml"))

    /**
     * The devices that an offer has ciphertexts for, as participant ids, in the order of the stanza.
     *
     * They are the names in `<destination><to>`. A lone `<enc>` names no device: none for it, and for a stanza without
     * a key.
     *
     * @param wire binary XML, flag byte first, compressed or not.
     * @throws CallKeyException.Malformed for bytes that are no stanza.
     * @throws CallKeyException.Unsupported for an unknown flag.
     */
    @JvmStatic
    public fun offerDevices(wire: ByteArray): List<String> {
        val devices = ArrayList<String>()
        var path = emptyList<String>()
        var named: String? = null
        // One node per line, and two spaces for each node around it.
        for (line in toXml(wire).split('\n')) {
            val depth = line.takeWhile { it == ' ' }.length / 2
            val node = line.trimStart(' ').drop(1)
            val tag = node.takeWhile { it != ' ' && it != '>' && it != '/' }
            if (tag.isEmpty()) continue // the end of a node
            path = path.take(depth) + tag
            if (holdsKeys(path.dropLast(1)) && tag == "to") {
                named = participantIn(node)
            } else if (holdsKeys(path.dropLast(2)) && path.takeLast(2) == listOf("to", "enc")) {
                named?.let { devices.add(it) }
                named = null
            }
        }
        return devices
    }

    /** Whether the path is that of a `<destination>` where the library looks for ciphertexts. */
    private fun holdsKeys(path: List<String>): Boolean {
        if (path.lastOrNull() != "destination" || path.size > 3) return false
        val around = path.dropLast(1)
        val action = around.lastOrNull() ?: return true
        return action in listOf("offer", "accept", "enc_rekey") && (around.size == 1 || around.first() == "call")
    }

    /** The participant id of a `<to>`; null for what can't be the name of a device. */
    private fun participantIn(to: String): String? {
        val jid = to.substringAfter(" jid=\"", "").substringBefore('"')
        if (jid.isEmpty() || '&' in jid || '\\' in jid) return null
        return try {
            participantId(jid)
        } catch (_: CallKeyException) {
            null
        }
    }
}
