@file:JvmName("Packet")

package callkey

/**
 * The 4-byte tag of a packet, for tools that check captures: the start of HMAC-SHA1 over the packet and its roll-over
 * counter. In a call libsrtp does it for each packet. Compare it in constant time.
 *
 * @param packet the whole packet up to the tag.
 * @param authKey the sender's [SRTPKeys.Part.SRTP_AUTH_KEY], 20 bytes, as on media packets, or a [WARPAuthKey], 32.
 * @param roc the roll-over counter.
 * @throws CallKeyException.KeyLength for a key of another length.
 */
@JvmOverloads
public fun warpTag(packet: ByteArray, authKey: ByteArray, roc: Long = 0): ByteArray =
    lendCopy(authKey) { native.warpTag(it, packet, u32(roc, "roc")) }
