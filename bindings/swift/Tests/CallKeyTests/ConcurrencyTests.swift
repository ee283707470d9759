import CallKey
import Testing

@Suite struct ConcurrencyTests {
    /// A call of an app: tasks share a noncopyable key through the object that holds it.
    final class Call: Sendable {
        let key: CallKey
        init(_ key: consuming CallKey) { self.key = key }
    }

    // Two tasks would encrypt with one message key, or one task would break another's session.
    @Test func manyTasksOnOneSession() async throws {
        let pair = try Pair()
        try pair.acknowledge()
        let call = Call(try CallKey.generate())
        let encs = try await withThrowingTaskGroup(of: [Enc].self) { group in
            for _ in 0..<8 {
                group.addTask { try (0..<8).map { _ in try pair.caller.sealEnc(call.key, for: Pair.bob) } }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(encs.map(\.ciphertext)).count == 64)
        let opened = try await withThrowingTaskGroup(of: Bool.self) { group in
            for enc in encs {
                group.addTask { try pair.callee.openEnc(enc.ciphertext, type: enc.type, from: Pair.alice) == call.key }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(opened == [Bool](repeating: true, count: 64))
    }

    // A failure in one task would have another task's error text.
    @Test func wordsBelongToTheirTask() async {
        await withTaskGroup(of: Void.self) { group in
            for n in 0..<16 {
                group.addTask {
                    for _ in 0..<50 {
                        let length = n + 1
                        do throws(CallKeyError) {
                            _ = try CallKey(bytes: [UInt8](repeating: 0, count: length))
                            Issue.record("a call key of \(length) bytes")
                        } catch {
                            #expect(error.words.contains("\(length)"))
                        }
                    }
                }
            }
        }
    }

    // Closing while a call runs would crash it.
    @Test func closedMeanwhile() async throws {
        let store = try Store.open()
        let statuses = await withTaskGroup(of: String.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    for _ in 0..<20 {
                        let got = status { try store.addPrekeys(1) }
                        if got != "OK" { return got }
                    }
                    return "OK"
                }
            }
            group.addTask { status { try store.close() } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(statuses).isSubset(of: ["OK", "HANDLE"]))
        #expect(status { try store.addPrekeys(1) } == "HANDLE")
    }
}
