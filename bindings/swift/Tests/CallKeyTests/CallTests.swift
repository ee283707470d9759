import CCallKey
import Testing

@testable import CallKey

@Suite final class CallTests {
    static let own = "111111111111111:0@lid"
    static let bare = "222222222222222@lid"
    static let phone = "222222222222222:0@lid"
    static let desktop = "222222222222222:7@lid"
    static let devices = [bare, "222222222222222:3@lid", desktop]

    let key: CallKey

    init() throws { key = try CallKey(bytes: [UInt8](0..<32)) }

    func call(sframeByReceiver: Bool = false) throws -> Call {
        try Call(own: Self.own, key: CallKey(bytes: [UInt8](0..<32)), sframeByReceiver: sframeByReceiver)
    }

    func hold(_ keys: borrowing MediaKeys, _ key: borrowing CallKey, _ sender: String, sframe: String) throws -> Bool {
        let srtp = try key.e2eKeys(of: sender) == keys.srtp
        let frames = try key.sframeKey(of: sframe) == keys.sframe
        return srtp && frames && keys.participant == sender
    }

    /// An SRTP packet of a sender; only its tag matters.
    func packet(_ key: borrowing CallKey, from sender: String) throws -> [UInt8] {
        let head = hex("80780007000003c012345678deadbeef")
        let keys = try key.e2eKeys(of: sender)
        return head + (try keys.withUnsafeBytes(of: .srtpAuthKey) { try warpTag(of: head, authKey: $0) })
    }

    // The caller and the callee would key one stream with different keys.
    @Test func bothDirections() throws {
        var caller = try call()
        var callee = try Call(own: Self.desktop, key: CallKey(bytes: [UInt8](0..<32)))
        try caller.answered(by: Self.desktop)
        try callee.answered(by: Self.own)
        let heard = try callee.receive()
        let said = try hold(heard, key, Self.own, sframe: Self.own)
        let answered = try hold(caller.receive(), key, Self.desktop, sframe: Self.desktop)
        let sent = try hold(callee.send(), key, Self.desktop, sframe: Self.desktop)
        #expect(said && answered && sent)
    }

    // A peer that keys SFrame the other way round could not be understood.
    @Test func sframeByReceiver() throws {
        var call = try call(sframeByReceiver: true)
        do {
            _ = try call.send()
            Issue.record("keys for nobody")
        } catch {
            guard case .notAnswered = error else { throw error }
        }
        try call.answered(by: Self.desktop)
        let sends = try hold(call.send(), key, Self.own, sframe: Self.desktop)
        let receives = try hold(call.receive(), key, Self.desktop, sframe: Self.own)
        #expect(sends && receives)
    }

    // The audio would be noise without an error: the most frequent bug in practice.
    @Test func anotherDeviceAnswered() throws {
        var call = try call()
        #expect(call.answeringDevice == nil)
        #expect(name { _ = try call.receive() } == "notAnswered")
        let early = try hold(call.receive(from: Self.bare), key, Self.phone, sframe: Self.phone)
        #expect(early)
        try call.answered(by: Self.desktop)
        #expect(call.answeringDevice == Self.desktop)
        let late = try hold(call.receive(), key, Self.desktop, sframe: Self.desktop)
        let named = try hold(call.receive(from: Self.desktop), key, Self.desktop, sframe: Self.desktop)
        #expect(late && named)
        for wrong in [Self.bare, Self.phone, "222222222222222:3@lid", Self.own, "222222222222222@lid/x"] {
            #expect(name { _ = try call.receive(from: wrong) } == "wrongDevice", "\(wrong)")
        }
        let sends = try hold(call.send(), key, Self.own, sframe: Self.own)
        #expect(sends)
    }

    // "A device of 222 answered" would be mistaken for "device 0 answered".
    @Test func bareLID() throws {
        var call = try call()
        for bare in [Self.bare, Self.bare + "/resource", Self.bare + "/1:0@lid", " \(Self.bare) "] {
            #expect(name { try call.answered(by: bare) } == "wrongDevice", "\(bare)")
        }
        #expect(call.answeringDevice == nil)
        try call.answered(by: Self.phone)
        #expect(name { _ = try call.receive(from: Self.bare) } == "wrongDevice")
        #expect(name { _ = try Call(own: Self.bare, key: CallKey.generate()) } == "wrongDevice")
        #expect(name { _ = try Call(own: " ", key: CallKey.generate()) } == "CALLKEY_ERR_PARTICIPANT")
        // A phone number stays unchanged.
        _ = try Call(own: "15550001@s.whatsapp.net", key: CallKey.generate())
    }

    // The app would have to guess the device.
    @Test func fromAPacket() throws {
        var call = try call()
        for sender in [Self.desktop, Self.phone] {
            #expect(try call.answered(from: packet(key, from: sender), among: Self.devices) == sender)
            #expect(call.answeringDevice == sender)
            let keyed = try hold(call.receive(), key, sender, sframe: sender)
            #expect(keyed)
        }
        let foreign = try packet(key, from: "222222222222222:4@lid")
        #expect(name { try call.answered(from: foreign, among: Self.devices) } == "CALLKEY_ERR_AUTHENTICATION")
        #expect(name { try call.answered(from: [], among: Self.devices) } == "CALLKEY_ERR_MALFORMED")
        #expect(call.answeringDevice == Self.phone)
    }

    // The peer's media would be keyed by our key, or ours by the peer's: noise in one direction.
    @Test func acceptWithAKeyOfItsOwn() throws {
        func accept(
            _ key: borrowing CallKey, from sender: String, isAccept: Bool = true, type: EncType = .none
        ) throws -> OpenedOffer {
            var c = OfferInfo.empty
            c.enc_type = type.rawValue
            c.flags = isAccept ? UInt32(CALLKEY_INFO_ACCEPT) : 0
            withUnsafeMutableBytes(of: &c.sender) { $0.copyBytes(from: sender.utf8) }
            return OpenedOffer(key: try key.withUnsafeBytes { try CallKey(bytes: $0) }, info: OfferInfo(c))
        }
        let theirs = try CallKey.generate()
        var call = try call()
        try call.accepted(accept(theirs, from: Self.desktop))
        let receives = try hold(call.receive(), theirs, Self.desktop, sframe: Self.desktop)
        let sends = try hold(call.send(), key, Self.own, sframe: Self.own)
        #expect(receives && sends)
        // From now on their key identifies a packet.
        let ours = try packet(key, from: Self.phone)
        #expect(name { try call.answered(from: ours, among: Self.devices) } == "CALLKEY_ERR_AUTHENTICATION")
        #expect(try call.answered(from: packet(theirs, from: Self.phone), among: Self.devices) == Self.phone)
        let other = try CallKey.generate()
        #expect(name { try call.accepted(accept(other, from: Self.own)) } == "wrongDevice")
        #expect(name { try call.accepted(accept(other, from: Self.phone, isAccept: false)) } == "CALLKEY_ERR_ARGUMENT")
        let keyed = try accept(other, from: Self.desktop, type: .msg).info
        #expect(name { try call.answered(keyed) } == "CALLKEY_ERR_ARGUMENT")
        // The type of a newer client's key is not told, but its version is.
        var newer = OfferInfo.empty
        newer.enc_version = 2
        newer.flags = UInt32(CALLKEY_INFO_ACCEPT)
        withUnsafeMutableBytes(of: &newer.sender) { $0.copyBytes(from: Self.desktop.utf8) }
        #expect(name { try call.answered(OfferInfo(newer)) } == "CALLKEY_ERR_ARGUMENT")
        let kept = try hold(call.receive(), theirs, Self.phone, sframe: Self.phone)
        #expect(kept)
        // On the wire device 0 has no number.
        try call.accepted(accept(other, from: Self.bare))
        let zero = try hold(call.receive(), other, Self.phone, sframe: Self.phone)
        #expect(zero)
        // An accept without a key: the same device has given its key already, another one uses the offer's.
        try call.answered(told(from: Self.bare))
        let same = try hold(call.receive(), other, Self.phone, sframe: Self.phone)
        try call.answered(told(from: Self.desktop))
        let second = try hold(call.receive(), key, Self.desktop, sframe: Self.desktop)
        #expect(same && second)
    }

    /// What the library says of a stanza without a key, as the server delivers it.
    func told(_ tag: String = "accept", from sender: String, callID: String = "AB12") throws -> OfferInfo {
        let child = Wire.node(tag, [("call-id", callID), ("call-creator", Self.own)])
        do {
            _ = try ParsedOffer(Wire.call(child, from: sender), own: [Self.own])
        } catch {
            guard case .notForThisDevice(let details) = error else { throw error }
            return try #require(details.info)
        }
        throw CallKeyError.argument("the stanza has a key")
    }

    // The accept names the device, and nobody reads it: of 12 measured calls 11 were keyed to the wrong one.
    @Test func acceptWithoutAKey() throws {
        var call = try Call(
            own: Self.own, key: CallKey(bytes: [UInt8](0..<32)), callID: "AB12",
            devices: [Self.phone, Self.desktop, "1555:0@s.whatsapp.net"])
        // The app chose how the derivations spell a device.
        for (sender, device) in [
            (Self.desktop, Self.desktop), (Self.bare, Self.phone), ("1555@s.whatsapp.net", "1555:0@s.whatsapp.net"),
            (Self.phone, Self.phone),
        ] {
            try call.answered(told(from: sender))
            #expect(call.answeringDevice == device)
            let receives = try hold(call.receive(), key, device, sframe: device)
            #expect(receives)
        }
        for (info, error) in [
            (try told(from: Self.desktop, callID: "ab12"), "CALLKEY_ERR_ARGUMENT"),
            (try told(from: "222222222222222:3@lid"), "wrongDevice"),
            (try told(from: "333@lid"), "wrongDevice"),
            (try told(from: "222222222222222:300@lid"), "wrongDevice"),
            (try told(from: Self.own), "wrongDevice"),
            (try told(from: "1203@g.us"), "wrongDevice"),
            (try told("preaccept", from: Self.desktop), "CALLKEY_ERR_ARGUMENT"),
            (try told("offer", from: Self.desktop), "CALLKEY_ERR_ARGUMENT"),
        ] {
            #expect(name { try call.answered(info) } == error, "\(info)")
            #expect(call.answeringDevice == Self.phone)
        }
        var any = try self.call()
        #expect(name { try any.answered(told(from: Self.own)) } == "wrongDevice")
        try any.answered(told(from: Self.bare, callID: "ZZ"))
        #expect(any.answeringDevice == Self.phone)
        #expect(name { _ = try Call(own: Self.own, key: CallKey.generate(), callID: "") } == "CALLKEY_ERR_ARGUMENT")
        #expect(
            name { _ = try Call(own: Self.own, key: CallKey.generate(), devices: [""]) } == "CALLKEY_ERR_PARTICIPANT")
    }

    // The engine would wait for streams of another device, or send with numbers that the peer does not expect.
    @Test func ssrcs() throws {
        var call = try Call(own: Self.own, key: CallKey.generate(), callID: "AB12")
        #expect(try call.ssrcs() == SSRCs(callID: "AB12", participant: Self.own))
        #expect(try call.ssrcs(of: Self.bare) == SSRCs(callID: "AB12", participant: Self.bare))
        try call.answered(by: Self.desktop)
        #expect(try call.ssrcs(of: Self.desktop) == SSRCs(callID: "AB12", participant: Self.desktop))
        for wrong in [Self.bare, Self.phone] {
            #expect(name { _ = try call.ssrcs(of: wrong) } == "wrongDevice")
        }
        let unnamed = try Call(own: Self.own, key: CallKey.generate())
        #expect(status { try unnamed.ssrcs() } == "ARGUMENT")
    }

    // Two programs that only know the stanzas would not hear each other.
    @Test func wholeCall() throws {
        let pair = try Pair()
        let made = try CallKey.generate()
        var options = OfferOptions(to: Self.bare, callID: "AB12", callCreator: Pair.alice)
        options.deviceIdentity = [1]
        let offer = try pair.caller.sealOffer(made, for: [Pair.bob], options: options)
        let opened = try pair.callee.openOffer(offer.wire, own: [Pair.bob])
        let sender = opened.info.sender
        let packet = try packet(opened.key, from: Pair.bob)
        var callee = try Call(own: Pair.bob, key: opened.key)
        var caller = try Call(own: Pair.alice, key: made)
        try callee.answered(by: sender)
        try caller.answered(from: packet, among: Self.devices)
        let one = try callee.receive()
        let other = try caller.send()
        let heard = one.srtp == other.srtp && one.sframe == other.sframe
        #expect(heard)
    }

    private func name(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "OK"
        } catch {
            return (error as? CallKeyError)?.name ?? "\(error)"
        }
    }
}
