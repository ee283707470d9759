import Testing

@testable import CallKey

@Suite struct OfferTests {
    // The callee would hear nothing.
    @Test func keyReachesTheDevice() throws {
        let pair = try Pair()
        let key = try CallKey.generate()
        let offer = try pair.caller.sealOffer(key, for: [Pair.bob])
        #expect(offer.results == [DeviceResult(jid: Pair.bob, encType: .pkmsg, error: nil)])
        #expect(try offer.xml.contains("<enc"))
        let opened = try pair.callee.openOffer(offer.wire, own: [Pair.bob], sender: Pair.alice)
        #expect(opened.info.encType == .pkmsg)
        let sent = try key.e2eKeys(of: Pair.alice)
        let arrived = opened.key == key
        let received = try opened.key.e2eKeys(of: Pair.alice) == sent
        let mistaken = try opened.key.e2eKeys(of: Pair.bob) == sent
        #expect(arrived && received && !mistaken)
    }

    // The server would reject the stanza, or its fields would be lost on the way.
    @Test func wholeOffer() throws {
        let pair = try Pair()
        let key = try CallKey.generate()
        var options = OfferOptions(to: "222222222222222@lid", callID: "00AAff", callCreator: Pair.alice)
        #expect(status { try pair.caller.sealOffer(key, for: [Pair.bob], options: options) } == "DEVICE_IDENTITY")
        options.deviceIdentity = [0xD1, 0xD2]
        options.stanzaID = "stanza-1"
        options.isVideo = true
        options.isMultiDevice = true
        options.capability = [0xCA, 0xFE]
        options.privacyToken = [0x77]
        let offer = try pair.caller.sealOffer(key, for: [Pair.bob], options: options)
        let xml = try offer.xml
        for part in [
            "id=\"stanza-1\"", "to=\"222222222222222@lid\"", "call-id=\"00AAff\"", "<video", "<destination", "cafe",
            "d1d2",
            "<privacy",
        ] {
            #expect(xml.contains(part), "\(part) in \(xml)")
        }
        let opened = try pair.callee.openOffer(offer.wire, own: [Pair.bob])
        let arrived = opened.key == key
        #expect(arrived)
        let info = opened.info
        #expect(info.callID == "00AAff" && info.callCreator == Pair.alice && info.sender == Pair.alice)
        #expect(info.isVideo && !info.isGroup && !info.isAccept)
        #expect(info.kind == .offer && info.from == "")
        #expect(try info.senderIdentity == pair.caller.identity.publicKey)
        #expect(info.keygen == 2 && info.encVersion == 2 && info.transactionID == 0)
        options.to = "a\0b"
        #expect(status { try pair.caller.sealOffer(key, for: [Pair.bob], options: options) } == "ARGUMENT")
    }

    // The offer would be delivered, and the callee's phone would never ring.
    @Test func video() throws {
        let pair = try Pair()
        let key = try CallKey.generate()
        var options = OfferOptions(to: "222222222222222@lid", callID: "00AAff", callCreator: Pair.alice)
        options.deviceIdentity = [0xD1]
        let audio = try pair.caller.sealOffer(key, for: [Pair.bob], options: options).xml
        #expect(!audio.contains("<video") && audio.contains("0105f709e0bb13"))
        options.isVideo = true
        let video = try pair.caller.sealOffer(key, for: [Pair.bob], options: options).xml
        let defaults = #"<video enc="h.264" dec="H264" device_orientation="0" screen_width="0" screen_height="0"/>"#
        #expect(video.contains(defaults) && video.contains("0105f709e0bb53"))
        options.videoEnc = "vp8"
        options.videoDec = "AV1"
        options.videoWidth = 640
        options.videoHeight = UInt32.max
        options.videoDeviceOrientation = 3
        let whole = try pair.caller.sealOffer(key, for: [Pair.bob], options: options).xml
        let chosen =
            #"<video enc="vp8" dec="AV1" device_orientation="3" screen_width="640" screen_height="4294967295"/>"#
        #expect(whole.contains(chosen))
        for bad in ["", "a\0b", String(repeating: "x", count: 128)] {
            options.videoDec = bad
            #expect(status { try pair.caller.sealOffer(key, for: [Pair.bob], options: options) } == "ARGUMENT")
        }
    }

    // The phone would find no key under a name that no client writes, or the app would not know its peer.
    @Test(arguments: ["222222222222222:0@lid", "222222222222222@lid"]) func deviceZero(phone: String) throws {
        let pair = try Pair()
        let key = try CallKey.generate()
        var options = OfferOptions(to: phone, callID: "A", callCreator: "111111111111111@lid")
        options.deviceIdentity = [0xD1]
        options.isMultiDevice = true
        let offer = try pair.caller.sealOffer(key, for: [phone], options: options)
        #expect(try offer.xml.contains(#"<to jid="222222222222222@lid">"#))
        #expect(try !offer.xml.contains(":0@"))
        for own in ["222222222222222@lid", "222222222222222:0@lid"] {
            #expect(try ParsedOffer(offer.wire, own: [own]).info.callCreator == "111111111111111:0@lid")
        }
        let opened = try pair.callee.openOffer(offer.wire, own: [Pair.bob])
        let arrived = opened.key == key
        #expect(arrived && opened.info.sender == "111111111111111:0@lid")
    }

    // An app that wants video would place an audio call, and not notice.
    @Test(arguments: [\OfferOptions.videoWidth, \.videoHeight, \.videoDeviceOrientation])
    func videoWithoutVideo(_ option: WritableKeyPath<OfferOptions, UInt32> & Sendable) throws {
        let pair = try Pair()
        let key = try CallKey.generate()
        var options = OfferOptions(to: Pair.bob, callID: "A", callCreator: Pair.alice)
        options.deviceIdentity = [0xD1]
        options[keyPath: option] = 1
        #expect(status { try pair.caller.sealOffer(key, for: [Pair.bob], options: options) } == "ARGUMENT")
    }

    // A text with a NUL inside would silently be truncated: keys for another device, without an error.
    @Test func textWithANUL() throws {
        let key = try CallKey.generate()
        #expect(status { try key.e2eKeys(of: Pair.bob + "\0/x") } == "ARGUMENT")
        #expect(status { try key.e2eKeysBatch(of: [Pair.alice, Pair.bob + "\0/x"]) } == "ARGUMENT")
        #expect(status { try SSRCs(callID: "AB\0", participant: Pair.bob) } == "ARGUMENT")
        #expect(status { try Store.open(plaintextPath: "/tmp\0/x") } == "ARGUMENT")
    }

    // One device that can't be called would stop the others from ringing, or would go unnoticed.
    @Test func deviceThatCannotBeSealedFor() throws {
        let pair = try Pair()
        let key = try CallKey.generate()
        let stranger = "333333333333333:5@lid"
        let offer = try pair.caller.sealOffer(key, for: [stranger, Pair.bob])
        #expect(offer.results.map(\.isSealed) == [false, true])
        guard case .noSession? = offer.results[0].error else {
            Issue.record("not noSession: \(offer.results[0])")
            return
        }
        do {
            _ = try pair.caller.sealOffer(key, for: [stranger])
            Issue.record("an offer for nobody")
        } catch {
            guard case .noDevices(_, let results) = error else { throw error }
            #expect(results.map(\.jid) == [stranger])
            #expect(results[0].error?.name == "CALLKEY_ERR_NO_SESSION")
            #expect(results[0].error?.words == "\(stranger): no session with the device")
        }
        // "There is no session" would be said of every device, and the app would do the wrong thing about it.
        let several = try pair.caller.sealOffer(key, for: [Pair.bob, "222222222222222@lid", "nobody"])
        #expect(
            several.results.dropFirst().map { $0.error?.description } == [
                "CALLKEY_ERR_DUPLICATE: 222222222222222@lid: an earlier device of the list is the same one",
                "CALLKEY_ERR_ARGUMENT: nobody: jid: not a JID: \"nobody\" has no @",
            ])
        #expect(status { try pair.caller.sealOffer(key, for: []) } == "NO_DEVICES")
    }

    // A server of a test would deliver an offer to a device that has no key in it, or not to one that has.
    @Test func devicesOfAnOffer() throws {
        let pair = try Pair()
        let desktop = "222222222222222:12@lid"
        try pair.caller.session(with: desktop).begin(pair.callee.takeBundle())
        let key = try CallKey.generate()
        var options = OfferOptions(to: Pair.bob, callID: "AB12", callCreator: Pair.alice)
        options.deviceIdentity = [1]
        let offer = try pair.caller.sealOffer(key, for: [desktop, "9:9@lid", Pair.bob], options: options)
        #expect(try offerDevices(offer.wire) == [desktop, Pair.bob])
        #expect(try offerDevices(pair.caller.sealOffer(key, for: [Pair.bob, desktop]).wire) == [Pair.bob, desktop])
        #expect(try offerDevices(pair.caller.sealOffer(key, for: [Pair.bob], options: options).wire) == [])
        #expect(status { try offerDevices(offer.wire.dropLast()) } == "MALFORMED")
        func to(_ jid: String, _ content: [UInt8]) -> [UInt8] {
            let to = [0xF8, 1] + Wire.node("to", [("jid", jid)], [0xF8, 1] + content)
            return Wire.node("destination", [], to)
        }
        let enc = Wire.node("enc", [("v", "2"), ("type", "msg")], Wire.bytes([0x33]))
        for (tag, found) in [("offer", 1), ("accept", 1), ("enc_rekey", 1), ("terminate", 0)] {
            let action = Wire.node(tag, [("call-id", "AB12")], [0xF8, 1] + to(desktop, enc))
            #expect(try offerDevices(Wire.call(action, from: Pair.alice)).count == found, "\(tag)")
            #expect(try offerDevices([0] + action).count == found, "\(tag)")
        }
        let twice = Wire.node("to", [("jid", desktop)], [0xF8, 2] + enc + enc)
        #expect(try offerDevices([0] + Wire.node("destination", [], [0xF8, 1] + twice)) == [desktop])
        // A name without a ciphertext, and a ciphertext without the name of a device, are of no device with a key.
        for other in [
            to(desktop, Wire.node("other", [])), to("", enc), to("/", enc), to("a\\b@lid", enc), to("a&b@lid", enc),
            Wire.node("to", [("jid", desktop)], [0xF8, 1] + enc),
        ] {
            #expect(try offerDevices([0] + Wire.node("offer", [], [0xF8, 1] + other)) == [])
        }
    }

    // An app that has the type of a stanza would take an unknown one for one of ours.
    @Test func encTypeOfAStanza() throws {
        for type in [EncType.msg, .pkmsg] { #expect(try EncType.parse("\(type)") == type) }
        for unknown in ["skmsg", "none", "", "PKMSG", "pkmsg "] {
            #expect(status { try EncType.parse(unknown) } == "UNSUPPORTED", "\(unknown)")
        }
    }

    // A redelivery by the server would look like an attack, or like an unknown call.
    @Test func deliveredTwice() throws {
        let pair = try Pair()
        try pair.acknowledge()
        let key = try CallKey.generate()
        let options = OfferOptions(to: Pair.bob, callID: "call-1", callCreator: Pair.alice)
        let offer = try pair.caller.sealOffer(key, for: [Pair.bob], options: options)
        #expect(offer.results.map(\.encType) == [.msg])
        _ = try pair.callee.openOffer(offer.wire, own: [Pair.bob])
        do {
            _ = try pair.callee.openOffer(offer.wire, own: [Pair.bob])
            Issue.record("opened twice")
        } catch {
            guard case .duplicate(let details) = error else { throw error }
            #expect(details.info?.callID == "call-1")
        }
    }

    // A forged or foreign stanza would be accepted, or would break the session.
    @Test func stanzaThatIsNotForUs() throws {
        let pair = try Pair()
        try pair.acknowledge()
        let key = try CallKey.generate()
        var options = OfferOptions(to: Pair.bob, callID: "call-1", callCreator: Pair.alice)
        options.isMultiDevice = true
        let offer = try pair.caller.sealOffer(key, for: [Pair.bob], options: options)
        #expect(status { try pair.callee.openOffer(offer.wire, own: ["9:9@lid"]) } == "NOT_FOR_THIS_DEVICE")
        #expect(status { try pair.callee.openOffer([0, 1, 2], own: [Pair.bob]) } == "MALFORMED")
        #expect(status { try pair.callee.openOffer([], own: [Pair.bob]) } == "MALFORMED")
        #expect(status { try stanzaXML([0xFF]) } != "OK")
        #expect(status { try stanzaFromXML("<call>\0</call>") } == "ARGUMENT")
        let parsed = try ParsedOffer(offer.wire, own: [Pair.bob])
        #expect(parsed.info.encType == .msg)
        var forged = parsed.ciphertext
        forged[forged.count - 1] ^= 1
        #expect(status { try pair.callee.openEnc(forged, type: .msg, from: Pair.alice) } == "AUTHENTICATION")
        #expect(status { try pair.callee.openEnc(forged, type: .none, from: Pair.alice) } == "UNSUPPORTED")
        #expect(status { try pair.callee.openEnc(forged, type: .msg, version: 9, from: Pair.alice) } == "UNSUPPORTED")
        let arrived = try pair.callee.openOffer(offer.wire, own: [Pair.bob]).key == key
        #expect(arrived)
    }

    // An app with its own Signal sessions could not use stanzas and plaintexts alone.
    @Test func ownSignalSessions() throws {
        let key = try CallKey.generate()
        let plaintext = try Plaintext(of: key)
        let same = try plaintext.withUnsafeBytes { try CallKey(plaintext: $0) == key }
        #expect(same)
        let encs = [
            Enc(jid: Pair.alice, type: .msg, ciphertext: [1, 2, 3]), Enc(jid: Pair.bob, type: .msg, ciphertext: [4]),
        ]
        let wire = try Offer.build(encs)
        #expect(try ParsedOffer(wire, own: [Pair.alice]).ciphertext == [1, 2, 3])
        #expect(try ParsedOffer(wire, own: [Pair.bob]).ciphertext == [4])
        #expect(status { try Offer.build([]) } == "NO_DEVICES")
        #expect(status { try Offer.build([Enc(jid: Pair.bob, type: .msg, ciphertext: [])]) } == "ARGUMENT")
        #expect(status { try Offer.build([Enc(jid: Pair.bob, type: .none, ciphertext: [1])]) } == "ARGUMENT")
    }
}
