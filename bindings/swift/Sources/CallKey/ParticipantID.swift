import CCallKey

/// The form of a JID that goes into the derivations: `user@lid` becomes `user:0@lid`.
///
/// The derivations apply it themselves. A bare phone-number JID stays bare.
///
/// - Throws: ``CallKeyError/participant(_:)`` when nothing is left of it, ``CallKeyError/argument(_:)`` when
///   it is over 127 bytes.
public func participantID(of jid: String) throws(CallKeyError) -> String {
    try withText(jid, "jid") { jid throws(CallKeyError) in
        try textOutput { out, size in callkey_participant_id(out, &size, jid) }
    }
}
