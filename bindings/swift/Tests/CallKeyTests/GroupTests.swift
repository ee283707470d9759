import CallKey
import Testing

@Suite struct GroupTests {
    let options = OfferOptions(to: Pair.bob, callID: "group-1", callCreator: Pair.alice)

    // A group call would go silent for a device when the secret changes.
    @Test func epochReachesTheDevice() throws {
        let pair = try Pair()
        try pair.acknowledge()
        let epoch = try Epoch.generate()
        let wire = try pair.caller.sealRekey(epoch, transactionID: 3, for: Pair.bob, options: options)
        #expect(try stanzaXML(wire).contains("transaction-id=\"3\""))
        let opened = try pair.callee.openRekey(wire)
        let arrived = opened.epoch == epoch
        #expect(arrived)
        #expect(opened.info.transactionID == 3 && opened.info.sender == Pair.alice)
        #expect(opened.info.kind == .rekey)

        let epochs = try Epochs()
        do {
            _ = try epochs.current()
            Issue.record("an epoch is in force")
        } catch {
            guard case .noEpoch(let details) = error else { throw error }
            #expect(details.words == "no epoch is installed yet")
        }
        try epochs.add(opened.epoch, transactionID: opened.info.transactionID)
        #expect(status { try epochs.current() } == "NOT_FOUND")
        try epochs.roster(3)
        let current = try epochs.current()
        let same = try current.epoch.e2eKeys(of: Pair.alice) == epoch.e2eKeys(of: Pair.alice)
        let asOfACall = try epoch.withUnsafeBytes { try CallKey(bytes: $0).sframeKey(of: Pair.alice) }
        let sframe = try current.epoch.sframeKey(of: Pair.alice) == asOfACall
        #expect(same && sframe && current.transactionID == 3)
    }

    // An app with its own Signal sessions could not take part in a group call.
    @Test func epochOfAnotherSession() throws {
        let pair = try Pair()
        try pair.acknowledge()
        let wire = try pair.caller.sealRekey(Epoch.generate(), transactionID: 3, for: Pair.bob, options: options)
        let sealed = try ParsedOffer(wire, own: [Pair.bob])
        var enc = Enc(jid: Pair.bob, type: sealed.info.encType, ciphertext: sealed.ciphertext)
        #expect(try Rekey.build(enc, transactionID: 3, options: options) == wire)
        #expect(status { try Rekey.build(enc, transactionID: 0, options: options) } == "ARGUMENT")
        enc.type = .pkmsg
        #expect(status { try Rekey.build(enc, transactionID: 3, options: options) } == "DEVICE_IDENTITY")
    }

    // An old or foreign secret would be put in force.
    @Test func epochThatIsRefused() throws {
        let epochs = try Epochs()
        let epoch = try Epoch.generate()
        let other = try Epoch.generate()
        try epochs.roster(5)
        try epochs.add(epoch, transactionID: 5)
        try epochs.add(epoch, transactionID: 5)
        #expect(status { try epochs.add(other, transactionID: 5) } == "CONFLICT")
        #expect(status { try epochs.add(other, transactionID: 4) } == "STALE")
        #expect(status { try epochs.add(other, transactionID: 0) } == "ARGUMENT")
        let current = try epochs.current()
        let kept = current.epoch == epoch
        #expect(kept && current.transactionID == 5)
    }

    // A stanza that is not a rekey, or arrives twice, would look like a damaged one.
    @Test func rekeyThatIsRefused() throws {
        let pair = try Pair()
        let epoch = try Epoch.generate()
        let sealing = status { try pair.caller.sealRekey(epoch, transactionID: 1, for: Pair.bob, options: options) }
        #expect(sealing == "DEVICE_IDENTITY")
        try pair.acknowledge()
        #expect(
            status { try pair.caller.sealRekey(epoch, transactionID: 0, for: Pair.bob, options: options) } == "ARGUMENT"
        )
        let offer = try pair.caller.sealOffer(CallKey.generate(), for: [Pair.bob], options: options)
        do {
            _ = try pair.callee.openRekey(offer.wire)
            Issue.record("an epoch of an offer")
        } catch {
            guard case .malformed(let details) = error else { throw error }
            #expect(details.info?.kind == .offer && details.info?.callID == "group-1")
        }
        let wire = try pair.caller.sealRekey(epoch, transactionID: 1, for: Pair.bob, options: options)
        _ = try pair.callee.openRekey(wire, sender: Pair.alice)
        do {
            _ = try pair.callee.openRekey(wire, sender: Pair.alice)
            Issue.record("opened twice")
        } catch {
            guard case .duplicate(let details) = error else { throw error }
            #expect(details.info?.transactionID == 1 && details.info?.callID == "group-1")
        }
    }
}
