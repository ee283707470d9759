@file:JvmName("ParticipantId")

package callkey

/**
 * The form of a JID that goes into the derivations: `user@lid` becomes `user:0@lid`.
 *
 * The derivations apply it themselves. A bare phone-number JID stays bare.
 *
 * @throws CallKeyException.Participant when nothing is left of it.
 * @throws CallKeyException.Argument when it is over 127 bytes.
 */
@JvmName("of")
public fun participantId(jid: String): String = String(native.participantId(utf8(jid, "jid")), Charsets.UTF_8)
