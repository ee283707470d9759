package callkey

// What an exception tells beside its text: the stanza, the device, and the identity key that was presented.

/**
 * Calls [body]. An UntrustedIdentity gets the device and the key, which is that of its session unless [identityKey] is
 * given.
 */
internal inline fun <R> Store.presenting(jid: String, identityKey: ByteArray? = null, body: () -> R): R {
    try {
        return body()
    } catch (e: CallKeyException.UntrustedIdentity) {
        e.jid = jid
        e.identityKey = identityKey ?: keyOfSession(jid)
        throw e
    }
}

/**
 * The exception of an open, with the contents of the stanza, also if the library has not looked at it, e.g. because the
 * store is closed.
 */
internal fun Store.refusal(
    error: CallKeyException,
    told: OfferInfo?,
    wire: ByteArray,
    own: List<String>,
    sender: String?,
): CallKeyException {
    val info = told ?: parsed(wire, own, sender)
    error.info = info
    if (error is CallKeyException.UntrustedIdentity && info != null) {
        error.jid = info.sender
        error.identityKey = info.senderIdentity ?: keyOfSession(info.sender)
    }
    return error
}

/** The same for a message outside of a stanza. */
internal fun Store.refusal(
    error: CallKeyException,
    content: ByteArray,
    type: EncType,
    version: Int,
    jid: String,
): CallKeyException {
    val info = OfferInfo.ofMessage(content, type, if (version == 2 || version == 3) version else 0, device(jid))
    error.info = info
    if (error is CallKeyException.UntrustedIdentity) {
        error.jid = jid
        error.identityKey = info.senderIdentity ?: keyOfSession(jid)
    }
    return error
}

/**
 * The exception of one device among several: its status is known, its reason is that of the device alone. [presented]
 * is the identity key of a bundle; null: the device's session was to be used.
 */
internal fun Store.errorOf(jid: String, status: Int, presented: ByteArray?): CallKeyException? {
    if (status == Header.OK) return null
    var words = statusText(status)
    if (status == Header.ERR_DUPLICATE) {
        words = "an earlier device of the list is the same one"
    } else if (status != Header.ERR_UNTRUSTED_IDENTITY || presented == null) {
        try {
            native.sessionCheck(handle, utf8(jid, "jid"))
        } catch (e: CallKeyException) {
            // An untrusted identity is no session there.
            val untrusted = status == Header.ERR_UNTRUSTED_IDENTITY && e is CallKeyException.NoSession
            if (e.status == status || untrusted) words = e.message!!
        }
    }
    val error = CallKeyException.of(status, "$jid: $words")
    if (error is CallKeyException.UntrustedIdentity) {
        error.jid = jid
        error.identityKey = presented ?: keyOfSession(jid)
    }
    return error
}

/** The identity key of the newest session, unless it is the trusted one: then an earlier session was meant. */
internal fun Store.keyOfSession(jid: String): ByteArray? {
    val key = orNull { sessionInfo(jid).identityKey } ?: return null
    return if (key.contentEquals(orNull { identityKey(jid) })) null else key
}

/**
 * The same for a record, which names no device: an UntrustedIdentity gets the key of the bundle or of the message, or
 * else that of the newest session, unless it is the one that the program trusts.
 */
internal inline fun <R> Record.presenting(
    trusted: ByteArray?,
    bundle: ByteArray? = null,
    message: Ciphertext? = null,
    body: () -> R,
): R {
    try {
        return body()
    } catch (e: CallKeyException) {
        val info = message?.let { OfferInfo.ofMessage(it.content, it.type, 0, "") }
        e.info = info
        if (e is CallKeyException.UntrustedIdentity) {
            e.identityKey = bundle ?: info?.senderIdentity ?: keyOfNewestSession(trusted)
        }
        throw e
    }
}

internal fun Record.keyOfNewestSession(trusted: ByteArray?): ByteArray? {
    val key = orNull { info(null, 0).identityKey } ?: return null
    return if (key.contentEquals(trusted)) null else key
}

private inline fun <R> orNull(body: () -> R): R? = try {
    body()
} catch (_: CallKeyException) {
    null
}

private fun parsed(wire: ByteArray, own: List<String>, sender: String?): OfferInfo? {
    // Without names there is no enc for this device, but still the call.
    val info = contents(wire, own) ?: contents(wire, emptyList()) ?: return null
    val named = sender?.let { device(it) } ?: ""
    if (named.isNotEmpty()) info.sender = named
    return info
}

private fun contents(wire: ByteArray, own: List<String>): OfferInfo? = try {
    ParsedOffer.parse(wire, own).info
} catch (e: CallKeyException) {
    e.info
}

/** The name as [OfferInfo.sender] has it, "" for what is no device: what the library says of a stanza from it. */
private fun device(jid: String): String {
    val name = jid.toByteArray(Charsets.UTF_8)
    if (name.size >= Sizes.JID) return ""
    val call = byteArrayOf(0, 0xF8.toByte(), 4) + word("call".toByteArray()) + word("from".toByteArray()) + word(name)
    val accept = byteArrayOf(0xF8.toByte(), 1, 0xF8.toByte(), 1) + word("accept".toByteArray())
    return contents(call + accept, emptyList())?.sender ?: ""
}

/** A text of binary XML, as its bytes. */
private fun word(bytes: ByteArray): ByteArray = byteArrayOf(0xFC.toByte(), bytes.size.toByte()) + bytes
