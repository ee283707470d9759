import CallKey
import Testing

/// Secrets whose life ends while tasks use them (hardening row 45). Its memory is zero then, and is given to others: a
/// function that still read it would seal zeros or another's key, genuine to the receiver.
@Suite struct InUseTests {
    static let rounds = 400

    /// An object with a secret, released with its last reference.
    final class Holder: Sendable {
        let key: CallKey
        init(_ bytes: [UInt8]) throws { key = try CallKey(bytes: bytes) }
    }

    final class GroupHolder: Sendable {
        let epoch: Epoch
        init(_ bytes: [UInt8]) throws { epoch = try Epoch(bytes: bytes) }
    }

    static var options: OfferOptions {
        var options = OfferOptions(to: Pair.bob, callID: "A", callCreator: Pair.alice)
        options.deviceIdentity = [1]
        return options
    }

    static func random() -> [UInt8] { (0..<32).map { _ in UInt8.random(in: 1...255) } }

    static func bytes(of secret: borrowing some Secret & ~Copyable) -> [UInt8] { secret.withUnsafeBytes(Array.init) }

    // Each function has the last reference to its arguments.

    static func enc(_ key: [UInt8], _ pair: Pair) throws -> [UInt8] {
        let enc = try pair.caller.sealEnc(Holder(key).key, for: Pair.bob)
        return bytes(of: try pair.callee.openEnc(enc.ciphertext, type: enc.type, from: Pair.alice))
    }

    static func offer(_ key: [UInt8], _ pair: Pair) throws -> [UInt8] {
        let offer = try pair.caller.sealOffer(Holder(key).key, for: [Pair.bob], options: options)
        return bytes(of: try pair.callee.openOffer(offer.wire, own: [Pair.bob]).key)
    }

    static func rekey(_ key: [UInt8], _ pair: Pair) throws -> [UInt8] {
        let wire = try pair.caller.sealRekey(
            GroupHolder(key).epoch, transactionID: 1, for: Pair.bob, options: options)
        return bytes(of: try pair.callee.openRekey(wire).epoch)
    }

    static func epochs(_ key: [UInt8], _ pair: Pair) throws -> [UInt8] {
        let epochs = try Epochs()
        try epochs.roster(1)
        try epochs.add(GroupHolder(key).epoch, transactionID: 1)
        return bytes(of: try epochs.current().epoch)
    }

    static func plaintext(_ key: [UInt8], _ pair: Pair) throws -> [UInt8] {
        let plaintext = bytes(of: try Plaintext(of: Holder(key).key))
        return bytes(of: try CallKey(plaintext: plaintext))
    }

    static let deliveries: [@Sendable ([UInt8], Pair) throws -> [UInt8]] = [enc, offer, rekey, epochs, plaintext]

    static func held(_ key: [UInt8]) throws -> [UInt8] { bytes(of: try Holder(key).key.e2eKeys(of: Pair.bob)) }
    static func group(_ key: [UInt8]) throws -> [UInt8] { bytes(of: try GroupHolder(key).epoch.e2eKeys(of: Pair.bob)) }
    static func direct(_ key: [UInt8]) throws -> [UInt8] { bytes(of: try CallKey(bytes: key).e2eKeys(of: Pair.bob)) }

    static func batch(_ key: [UInt8]) throws -> [UInt8] {
        bytes(of: try CallKey(bytes: key).e2eKeysBatch(of: [Pair.alice, Pair.bob]).keys(at: 1))
    }

    static func call(_ key: [UInt8]) throws -> [UInt8] {
        bytes(of: try Call(own: Pair.alice, key: CallKey(bytes: key)).receive(from: Pair.bob).srtp)
    }

    static let derivations: [@Sendable ([UInt8]) throws -> [UInt8]] = [held, group, direct, batch, call]

    static func frame(_ key: [UInt8], _ payload: [UInt8]) throws -> [UInt8] {
        let frame = try CallKey(bytes: key).sframeKey(of: Pair.bob).seal(payload, counter: 3)
        return try Holder(key).key.sframeKey(of: Pair.bob).open(frame).payload
    }

    // A key whose only reference is the one in the call would be wiped in the middle of it.
    @Test func fault45LastReferenceIsTheCalls() async throws {
        let pair = try Pair()
        try pair.acknowledge()
        try await Self.inTasks {
            let key = Self.random()
            for delivery in Self.deliveries {
                let delivered = try delivery(key, pair)
                #expect(delivered == key)
            }
        }
    }

    // Derivations, and uses of a derived secret without another reference.
    @Test func fault45ChainsOfTemporaries() async throws {
        try await Self.inTasks {
            let key = Self.random()
            let expected = try Self.direct(key)
            for derivation in Self.derivations {
                let derived = try derivation(key)
                #expect(derived == expected)
            }
            let payload = try Self.frame(key, expected)
            #expect(payload == expected)
        }
    }

    /// Runs `work` in four tasks, `rounds` times in all.
    static func inTasks(_ work: @escaping @Sendable () throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask { for _ in 0..<Self.rounds / 4 { try work() } }
            }
            try await group.waitForAll()
        }
    }

    /// A call as an app holds it, which begins the next one while tasks still ask for its keys.
    actor Phone {
        private var call: Call
        init(_ bytes: [UInt8]) throws { call = try Call(own: Pair.alice, key: CallKey(bytes: bytes)) }

        func seal(_ pair: Pair) throws -> Enc { try pair.caller.sealEnc(call.key, for: Pair.bob) }
        func receive() throws -> [UInt8] { try InUseTests.bytes(of: call.receive(from: Pair.bob).srtp) }
        func begin(_ bytes: [UInt8]) throws { call = try Call(own: Pair.alice, key: CallKey(bytes: bytes)) }
    }

    // A call that ends while others use it: each gets its key or the next one's.
    @Test func fault45CallThatEndsMeanwhile() async throws {
        let pair = try Pair()
        try pair.acknowledge()
        for _ in 0..<Self.rounds / 8 {
            let (first, second) = (Self.random(), Self.random())
            let expected = try Set([first, second].map(Self.direct))
            let phone = try Phone(first)
            let encs = try await withThrowingTaskGroup(of: Enc.self) { group in
                for task in 0..<8 {
                    group.addTask {
                        if task == 4 { try await phone.begin(second) }
                        let keys = try await phone.receive()
                        #expect(expected.contains(keys))
                        return try await phone.seal(pair)
                    }
                }
                return try await group.reduce(into: [Enc]()) { $0.append($1) }
            }
            for enc in encs {
                let opened = try pair.callee.openEnc(enc.ciphertext, type: enc.type, from: Pair.alice)
                let bytes = Self.bytes(of: opened)
                #expect(bytes == first || bytes == second)
            }
        }
    }

    // One task of a group fails and the others continue, e.g. if one device has no session.
    @Test func fault45GroupRekey() async throws {
        let pair = try Pair()
        try pair.acknowledge()
        let options = Self.options
        for number in 1...UInt32(Self.rounds / 8) {
            let bytes = Self.random()
            let tasks = try {
                let holder = try GroupHolder(bytes)
                return (0..<8).map { task in
                    Task.detached {
                        let device = task == 3 ? "9:9@lid" : Pair.bob
                        return try pair.caller.sealRekey(
                            holder.epoch, transactionID: number, for: device, options: options)
                    }
                }
            }()
            var failed = 0
            for task in tasks {
                switch await task.result {
                case .success(let wire):
                    let opened = try pair.callee.openRekey(wire)
                    #expect(Self.bytes(of: opened.epoch) == bytes)
                case .failure: failed += 1
                }
            }
            #expect(failed == 1)
        }
    }

    // A store or the epochs of a call would be closed before the call that has their last reference.
    @Test func fault45LastReferenceToAStore() throws {
        for _ in 0..<Self.rounds {
            _ = try Store.open().takeBundle()
            try Epochs().roster(1)
            #expect(try Store.open().session(with: Pair.bob).exists() == false)
        }
    }

    // A wiped key that an app passes as bytes would be sent.
    @Test func sealingRefusesZeros() throws {
        let pair = try Pair()
        let zeros = try CallKey(bytes: [UInt8](repeating: 0, count: 32))
        #expect(status { _ = try pair.caller.sealEnc(zeros, for: Pair.bob) } == "INVALID_KEY")
        #expect(status { _ = try pair.caller.sealOffer(zeros, for: [Pair.bob]) } == "INVALID_KEY")
        #expect(status { _ = try Plaintext(of: zeros) } == "INVALID_KEY")
    }
}
