import Foundation
import Testing

@testable import CallKey

@Suite struct SecretTests {
    static let digits = "4e1195df020de59e0d65a33a4279f1183e7ae4e5d980e309f8b55adff2e61c3e"

    /// An app's class that holds a key.
    final class Holder {
        let key: CallKey
        let name = "call 1"
        init(_ key: consuming CallKey) { self.key = key }
    }

    // A secret would end up in a log, a crash report or a screenshot of a debugger.
    @Test func descriptions() throws {
        let key = try CallKey(bytes: hex(Self.digits))
        #expect(key.description == "<call key: 32 secret bytes>")
        #expect(key.debugDescription == "<call key: 32 secret bytes>")
        #expect(try key.e2eKeys(of: Pair.bob).description == "<set of SRTP keys: 130 secret bytes>")
        #expect(
            try key.e2eKeysBatch(of: [Pair.bob, Pair.alice]).description == "<batch of SRTP keys: 260 secret bytes>")
        #expect(try key.sframeKey(of: Pair.bob).description == "<SFrame key: 32 secret bytes>")
        #expect(try key.warpAuthKey().description == "<WARP auth key: 32 secret bytes>")
        #expect(RawE2E(bytes: [1, 2]).description == "<raw_e2e secret: 2 secret bytes>")
        #expect(Record(bytes: [1, 2, 3]).description == "<session record: 3 secret bytes>")
        #expect(try Plaintext(of: key).description.hasPrefix("<plaintext: "))
    }

    // A key from a JSON document could not be given as it is written, or two texts would look like two keys.
    @Test func base64() throws {
        let signs = (0xE0...0xFF).map(UInt8.init)  // with those in which the alphabets differ
        for bytes in [hex(Self.digits), signs] {
            let standard = Data(bytes).base64EncodedString()
            let other = standard.replacing("+", with: "-").replacing("/", with: "_")
            for text in [standard, other, standard.replacing("=", with: ""), other.replacing("=", with: "")] {
                let key = try CallKey(base64: text)
                let epoch = try Epoch(base64: text)
                let same = key.withUnsafeBytes { Array($0) } == bytes && epoch.withUnsafeBytes { Array($0) } == bytes
                #expect(same)
            }
        }
        let text = Data(hex(Self.digits)).base64EncodedString()
        let cut = String(text.dropLast(2))
        for bad in [text + "=", cut, " " + text, text + "\n", cut + "9=", String(repeating: "Ä", count: 43), "=", "A"] {
            #expect(status { try CallKey(base64: bad) } == "MALFORMED", "\(bad)")
        }
        for size in [0, 1, 31, 33, 34] {
            let text = Data(count: size).base64EncodedString()
            #expect(status { try Epoch(base64: text) } == "KEY_LENGTH", "\(size)")
        }
    }

    // The same, through an object that holds one.
    @Test func reflection() throws {
        let holder = Holder(try CallKey(bytes: hex(Self.digits)))
        var dumped = String(reflecting: holder) + "\(holder)"
        dump(holder, to: &dumped)
        #expect(dumped.contains("call 1"))
        let digits = Self.digits.prefix(4)
        let numbers = hex(String(digits)).map(String.init)
        #expect(!dumped.contains(digits) && !dumped.contains(numbers.joined(separator: ", ")), "\(dumped)")
    }

    // An error is what apps log first.
    @Test func errors() throws {
        let secret = Array(hex(Self.digits).dropLast())
        do {
            _ = try CallKey(bytes: secret)
            Issue.record("31 bytes are a call key")
        } catch {
            #expect(!"\(error)".contains("4e11") && !"\(error)".contains("78, 17"))
        }
    }

    // Two different secrets would count as one.
    @Test func equality() throws {
        let key = try CallKey(bytes: hex(Self.digits))
        let same = try CallKey(bytes: Data(hex(Self.digits)))
        let equal = key == same
        #expect(equal)
        for index in 0..<32 {
            var bytes = hex(Self.digits)
            bytes[index] ^= 0x80
            let other = try CallKey(bytes: bytes)
            let different = key != other
            #expect(different)
        }
        let longer = RawE2E(bytes: [1, 2]) != RawE2E(bytes: [1, 2, 0])
        let empty = RawE2E(bytes: []) == RawE2E(bytes: [])
        #expect(longer && empty)
    }

    #if os(Linux)
        // The key of an ended call would stay readable in memory.
        @Test func wiped() throws {
            let needle = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 16)
            defer { needle.deallocate() }
            for index in needle.indices { needle[index] = UInt8.random(in: 0...255) }
            // A key's 32 bytes go to the next allocation of that size, which writes over them, wiped or not. Of a
            // record this long most is left as it was.
            let contents = (0..<4096).lazy.map { needle[$0 % 16] }
            do {
                let record = Record(bytes: contents)
                let key = try CallKey(bytes: contents.prefix(32))
                #expect(try Memory.copies(of: UnsafeRawBufferPointer(needle)) == 258)
                record.wipe()
                #expect(try Memory.copies(of: UnsafeRawBufferPointer(needle)) == 2)
                let count = key.count
                #expect(count == 32)
            }
            #expect(try Memory.copies(of: UnsafeRawBufferPointer(needle)) == 0)
        }
    #endif
}
