import CallKey
import Foundation

/// One known answer or error case of `testdata/vectors`; see the README there.
struct Vector: Sendable, CustomStringConvertible {
    let file: String
    let function: String
    let name: String
    let input: Fields
    let output: Fields?
    let error: String?

    var description: String { "\(file): \(name)" }

    /// Every case of every file whose function is in the C contract.
    static let all: [Vector] = {
        do {
            return try Tree.files(in: "testdata/vectors", ending: ".json").flatMap(read)
        } catch {
            fatalError("testdata/vectors: \(error)")
        }
    }()

    private static func read(_ url: URL) throws -> [Vector] {
        let file = try JSONDecoder().decode(File.self, from: Data(contentsOf: url))
        guard !file.function.hasPrefix("primitive_") else { return [] }
        return file.cases.map {
            Vector(
                file: url.deletingPathExtension().lastPathComponent, function: file.function, name: $0.name,
                input: Fields(values: $0.in), output: $0.out.map(Fields.init), error: $0.error)
        }
    }

    private struct File: Decodable {
        let function: String
        let cases: [Case]
    }

    private struct Case: Decodable {
        let name: String
        let `in`: [String: Value]
        let out: [String: Value]?
        let error: String?
    }
}

/// A value of a vector: text, which may be bytes in hexadecimal, a number, or a list of either.
enum Value: Sendable, Equatable, Decodable {
    case text(String)
    case number(UInt32)
    case list([Value])

    init(from decoder: any Decoder) throws {
        let one = try decoder.singleValueContainer()
        if let text = try? one.decode(String.self) {
            self = .text(text)
        } else if let number = try? one.decode(UInt32.self) {
            self = .number(number)
        } else {
            self = .list(try one.decode([Value].self))
        }
    }
}

/// The inputs or outputs of a vector by their names.
struct Fields: Sendable, Equatable {
    var values: [String: Value]

    struct Missing: Error { let name: String }

    func bytes(_ name: String) throws -> [UInt8] {
        guard case .text(let digits)? = values[name + "_hex"] else { throw Missing(name: name) }
        return hex(digits)
    }

    func number(_ name: String) throws -> UInt32 {
        guard case .number(let number)? = values[name] else { throw Missing(name: name) }
        return number
    }

    func numbers(_ name: String) throws -> [UInt32] {
        guard case .list(let list)? = values[name] else { throw Missing(name: name) }
        return try list.map {
            guard case .number(let number) = $0 else { throw Missing(name: name) }
            return number
        }
    }

    /// A number of 64 bits, which stands as 8 bytes, the highest first.
    func wideNumber(_ name: String) throws -> UInt64 { try bytes(name).reduce(0) { $0 << 8 | UInt64($1) } }

    /// A text, which stands as itself or as bytes. Text that is not UTF-8 can't become a `String`: what the
    /// library would say to it is said here.
    func text(_ name: String) throws -> String {
        if case .text(let text)? = values[name] { return text }
        let data = Data(try bytes(name))
        guard let text = String(data: data, encoding: .utf8), Data(text.utf8) == data else {
            throw CallKeyError.argument("\(name) is not UTF-8")
        }
        return text
    }

    func texts(_ name: String) throws -> [String] {
        guard case .list(let list)? = values[name] else { throw Missing(name: name) }
        return try list.map {
            guard case .text(let text) = $0 else { throw Missing(name: name) }
            return text
        }
    }
}

func hex(_ digits: String) -> [UInt8] {
    var rest = Substring(digits)
    var bytes: [UInt8] = []
    while let byte = UInt8(rest.prefix(2), radix: 16) {
        bytes.append(byte)
        rest = rest.dropFirst(2)
    }
    precondition(rest.isEmpty, "not hexadecimal: \(digits)")
    return bytes
}

func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { String(format: "%02x", $0) }.joined()
}
