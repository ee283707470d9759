// A first call between two accounts, from key to media keys. The callee has two devices, and the
// second one answers.
//
// All of them run in this one program so that it is complete; in the world each has its own store,
// bundles come from a server and offers go through one.

import CallKey

let caller = "111111111111111:1@lid"
let phone = "222222222222222:0@lid"
let desktop = "222222222222222:7@lid"

/// A media engine as far as keys are concerned: it takes the 30 bytes for libsrtp.
struct Engine {
    private(set) var directions: [String] = []

    mutating func use(_ keys: borrowing MediaKeys, to direction: String) {
        keys.srtp.withUnsafeBytes(of: .libsrtpKey) { key in precondition(key.count == 30) }
        directions.append("\(direction) \(keys.participant)")
    }
}

func call() throws {
    // ---- Does this library fit? ----
    try Library.selftest()

    // ---- Sessions with every device of the callee ----
    // Stores in memory. In an app a store is a file, and the storage key is in the keychain.
    let ours = try Store.open()
    let theirs = [phone: try Store.open(), desktop: try Store.open()]
    for (jid, store) in theirs {
        try ours.session(with: jid).begin(store.takeBundle())
    }

    // ---- One key, sealed for each device ----
    let key = try CallKey.generate()
    var options = OfferOptions(
        to: "222222222222222@lid", callID: "00112233445566778899AABBCCDDEEFF", callCreator: caller)
    options.deviceIdentity = Array("the server's certificate for this account".utf8)
    let offer = try ours.sealOffer(key, for: [phone, desktop], options: options)
    for result in offer.results {
        print("\(result.jid): \(result.error.map { "left out: \($0)" } ?? "\(result.encType)")")
    }

    // ---- The desktop answers: keys are derived for the device that did ----
    let opened = try theirs[desktop]!.openOffer(offer.wire, own: [desktop])
    print("call \(opened.info.callID) from \(opened.info.sender)")
    // Both marks are the same, and they say nothing about the key.
    print("caller's call key \(try key.fingerprint)")
    print("callee's call key \(try opened.key.fingerprint)")
    var theirCall = try Call(own: desktop, key: opened.key)
    try theirCall.answered(by: caller)
    var ourCall = try Call(own: caller, key: key)
    try ourCall.answered(by: desktop)  // or answered(from: the first packet, among: the devices that were called)

    // ---- Keys for the media engines ----
    var ourEngine = Engine()
    ourEngine.use(try ourCall.send(), to: "send")
    ourEngine.use(try ourCall.receive(), to: "receive")
    let sent = try ourCall.send()
    let received = try theirCall.receive()
    precondition(sent.srtp == received.srtp && sent.sframe == received.sframe, "both sides derive the same keys")
    precondition(ourEngine.directions == ["send 111111111111111:1@lid", "receive 222222222222222:7@lid"])

    // ---- The same offer once more: the server does that ----
    do {
        _ = try theirs[desktop]!.openOffer(offer.wire, own: [desktop])
        preconditionFailure("an offer is opened once")
    } catch {
        guard case .duplicate(let details) = error else { throw error }
        print("call \(details.info?.callID ?? "") was delivered twice")
    }
    // The secrets are set to zero here, where the scope that owns them ends; the stores close.
}

try call()
