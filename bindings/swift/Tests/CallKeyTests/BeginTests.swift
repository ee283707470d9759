import CallKey
import Testing

/// Offers to devices that have no session yet, but published a bundle.
@Suite struct BeginTests {
    static let fresh = "222222222222222:3@lid"
    static let broken = "222222222222222:4@lid"
    static let unknown = "333:0@lid"

    let pair: Pair
    let new: Store
    let options: OfferOptions

    init() throws {
        pair = try Pair()
        new = try Store.open()
        var options = OfferOptions(to: "222222222222222@lid", callID: "AB12", callCreator: Pair.alice)
        options.deviceIdentity = [1]
        self.options = options
    }

    /// A bundle with one wrong bit in its signature.
    func damaged(_ bundle: PrekeyBundle) throws -> PrekeyBundle {
        var signature = bundle.signedPrekeySignature
        signature[5] ^= 1
        return try PrekeyBundle(
            registrationID: bundle.registrationID, identityKey: bundle.identityKey,
            signedPrekeyID: bundle.signedPrekeyID, signedPrekey: bundle.signedPrekey, signedPrekeySignature: signature,
            prekeyID: bundle.prekeyID, prekey: bundle.prekey)
    }

    /// The results of an offer that no device gets.
    func results(_ body: () throws(CallKeyError) -> Offer) throws -> [DeviceResult] {
        do throws(CallKeyError) {
            _ = try body()
        } catch {
            guard case .noDevices(_, let results) = error else { throw error }
            return results
        }
        Issue.record("an offer for nobody")
        return []
    }

    // A call to new devices would wait for the disk twice, or one bad bundle would stop the others from ringing.
    @Test func begun() throws {
        let key = try CallKey.generate()
        let devices = [Self.fresh, Pair.bob, Self.broken, Self.unknown, Self.fresh]
        let bundles = try [Self.fresh: new.takeBundle(), Self.broken: damaged(pair.callee.takeBundle())]
        let offer = try pair.caller.sealOffer(key, for: devices, options: options, bundles: bundles)
        #expect(offer.results.map(\.jid) == devices)
        #expect(offer.results.map(\.encType) == [.pkmsg, .pkmsg, .none, .none, .none])
        #expect(
            offer.results.map { $0.error?.description } == [
                nil, nil, "CALLKEY_ERR_INVALID_KEY: \(Self.broken): a key or signature is not valid",
                "CALLKEY_ERR_NO_SESSION: \(Self.unknown): no session with the device",
                "CALLKEY_ERR_DUPLICATE: \(Self.fresh): an earlier device of the list is the same one",
            ])
        #expect(try offerDevices(offer.wire) == [Self.fresh, Pair.bob])
        for (store, jid) in [(new, Self.fresh), (pair.callee, Pair.bob)] {
            let arrived = try store.openOffer(offer.wire, own: [jid]).key == key
            #expect(arrived, "\(jid)")
        }
        #expect(try Set(pair.caller.sessions()) == [Self.fresh, Pair.bob])
        #expect(status { try pair.caller.identityKey(of: Self.broken) } == "NOT_FOUND")
        // The session that began is the one of the next call.
        let next = try pair.caller.sealOffer(key, for: [Self.fresh], options: options)
        let arrived = try new.openOffer(next.wire, own: [Self.fresh]).key == key
        #expect(arrived)
    }

    // An offer that is longer than the package expects would fail, or begin its sessions twice.
    @Test func longOffer() throws {
        let key = try CallKey.generate()
        var long = options
        long.deviceIdentity = [UInt8](repeating: 7, count: 20_000)
        let bundles = [Self.fresh: try new.takeBundle()]
        for given in [bundles, [:]] {
            let offer = try pair.caller.sealOffer(key, for: [Self.fresh, Pair.bob], options: long, bundles: given)
            #expect(offer.wire.count > 20_000 && offer.results.map(\.isSealed) == [true, true])
            for (store, jid) in [(new, Self.fresh), (pair.callee, Pair.bob)] {
                let arrived = try store.openOffer(offer.wire, own: [jid]).key == key
                #expect(arrived, "\(jid)")
            }
        }
    }

    // A call that was not placed would leave sessions that its devices never learn of.
    @Test func nothingBegun() throws {
        let key = try CallKey.generate()
        let bundle = try new.takeBundle()
        let bundles = [Self.fresh: bundle]
        func sealed(
            _ store: Store, _ devices: [String], _ options: OfferOptions?, _ bundles: [String: PrekeyBundle]
        ) -> String {
            status { try store.sealOffer(key, for: devices, options: options, bundles: bundles) }
        }
        let bare = OfferOptions(to: "222222222222222@lid", callID: "AB12", callCreator: Pair.alice)
        #expect(sealed(pair.caller, [Self.fresh], bare, bundles) == "DEVICE_IDENTITY")
        let empty = try Store.open(makingIdentity: false)
        #expect(sealed(empty, [Self.fresh], options, bundles) == "NO_IDENTITY")
        let zeros = try CallKey(bytes: [UInt8](repeating: 0, count: 32))
        let wiped = status {
            try pair.caller.sealOffer(zeros, for: [Self.fresh], options: options, bundles: bundles)
        }
        #expect(wiped == "INVALID_KEY")
        let wrong = try damaged(bundle)
        let refused = try results { () throws(CallKeyError) in
            try pair.caller.sealOffer(
                key, for: [Self.fresh, "nobody", Self.unknown], options: options,
                bundles: [Self.fresh: wrong, "nobody": wrong])
        }
        #expect(
            refused.map { $0.error?.description } == [
                "CALLKEY_ERR_INVALID_KEY: \(Self.fresh): a key or signature is not valid",
                "CALLKEY_ERR_ARGUMENT: nobody: jid: not a JID: \"nobody\" has no @",
                "CALLKEY_ERR_NO_SESSION: \(Self.unknown): no session with the device",
            ])
        do throws(CallKeyError) {
            let strayed = [Self.fresh: bundle, Self.unknown: bundle, "444:0@lid": bundle]
            _ = try pair.caller.sealOffer(key, for: [Self.fresh, Pair.bob], options: options, bundles: strayed)
            Issue.record("a bundle of no device")
        } catch {
            #expect(
                error.description == "CALLKEY_ERR_ARGUMENT: bundles has \(Self.unknown), which is not in devices")
        }
        #expect(sealed(pair.caller, [], options, bundles) == "ARGUMENT")
        #expect(try !pair.caller.session(with: Self.fresh).exists())
        #expect(try pair.caller.sessions() == [Pair.bob])
        #expect(try pair.caller.identities() == [Pair.bob])
    }

    // An app could not show which identity of a device is new, or would show one that nobody has.
    @Test func untrustedBundle() throws {
        let key = try CallKey.generate()
        let presented = try new.identity.publicKey
        let ofSession = try pair.callee.identity.publicKey
        try pair.caller.session(with: Self.fresh).begin(pair.callee.takeBundle())
        try pair.caller.trust(presented, for: Pair.bob)
        let bundle = try new.takeBundle()
        let refused = try results { () throws(CallKeyError) in
            try pair.caller.sealOffer(
                key, for: [Self.fresh, Pair.bob], options: options, bundles: [Self.fresh: bundle])
        }
        // The first has a key in its bundle; the second has one only in the session, which is the old one.
        for (result, (identityKey, whose)) in zip(refused, [(presented, "device"), (ofSession, "session")]) {
            guard case .untrustedIdentity(let details, let jid, let key)? = result.error else {
                Issue.record("\(result)")
                continue
            }
            #expect(jid == result.jid && key == identityKey)
            #expect(details.words == "\(jid): the \(whose)'s identity key is not the trusted one")
        }
        #expect(refused.count == 2)
        try pair.caller.trust(presented, for: Self.fresh)
        let offer = try pair.caller.sealOffer(
            key, for: [Self.fresh], options: options, bundles: [Self.fresh: bundle])
        let arrived = try new.openOffer(offer.wire, own: [Self.fresh]).key == key
        #expect(arrived)
    }
}
