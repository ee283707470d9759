/// The devices that an offer has ciphertexts for, as participant ids, in the order of the stanza.
///
/// They are the names in `<destination><to>`. A lone `<enc>` names no device: none for it, and for a stanza without a
/// key.
///
/// - Parameter wire: binary XML, flag byte first, compressed or not.
/// - Throws: ``CallKeyError/malformed(_:)``, and ``CallKeyError/unsupported(_:)`` (unknown flag).
public func offerDevices(_ wire: some Collection<UInt8>) throws(CallKeyError) -> [String] {
    var devices: [String] = []
    var path: [Substring] = []
    var named: String?
    // One node per line, and two spaces for each node around it.
    for line in try stanzaXML(wire).split(separator: "\n") {
        let depth = line.prefix { $0 == " " }.count / 2
        let node = line.drop { $0 == " " }.dropFirst()
        let tag = node.prefix { $0 != " " && $0 != ">" && $0 != "/" }
        if tag.isEmpty { continue }  // the end of a node
        path = path.prefix(depth) + [tag]
        if holdsKeys(path.dropLast()), tag == "to" {
            named = participant(in: node)
        } else if holdsKeys(path.dropLast(2)), path.suffix(2) == ["to", "enc"], let device = named {
            devices.append(device)
            named = nil
        }
    }
    return devices
}

/// Whether the path is that of a `<destination>` where the library looks for ciphertexts.
private func holdsKeys(_ path: ArraySlice<Substring>) -> Bool {
    guard path.last == "destination", path.count <= 3 else { return false }
    let around = path.dropLast()
    guard let action = around.last else { return true }
    return ["offer", "accept", "enc_rekey"].contains(action) && (around.count == 1 || around.first == "call")
}

/// The participant id of a `<to>`; nil for what can't be the name of a device.
private func participant(in to: Substring) -> String? {
    guard let start = to.firstRange(of: " jid=\"")?.upperBound else { return nil }
    let jid = to[start...].prefix { $0 != "\"" }
    return jid.contains { $0 == "&" || $0 == "\\" } ? nil : try? participantID(of: String(jid))
}
