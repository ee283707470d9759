import CCallKey
import Foundation
import Testing

@testable import CallKey

/// The package against `include/callkey.h` and the recorded layout.
@Suite struct DeclarationTests {
    let header: String

    init() throws {
        header = try Tree.text("include/callkey.h").replacing(/\/\*.*?\*\//.dotMatchesNewlines(), with: "")
    }

    /// What the package has no use for: C's way to say a size, which the tests below compare.
    static let sizes: [String: (twin: Int, macro: Int32)] = [
        "callkey_key_bytes": (callkey_key_bytes(), CALLKEY_KEY_BYTES),
        "callkey_fingerprint_bytes": (callkey_fingerprint_bytes(), CALLKEY_FINGERPRINT_BYTES),
        "callkey_raw_e2e_min_bytes": (callkey_raw_e2e_min_bytes(), CALLKEY_RAW_E2E_MIN_BYTES),
        "callkey_srtp_keys_bytes": (callkey_srtp_keys_bytes(), CALLKEY_SRTP_KEYS_BYTES),
        "callkey_sframe_key_bytes": (callkey_sframe_key_bytes(), CALLKEY_SFRAME_KEY_BYTES),
        "callkey_warp_auth_key_bytes": (callkey_warp_auth_key_bytes(), CALLKEY_WARP_AUTH_KEY_BYTES),
        "callkey_hbh_key_bytes": (callkey_hbh_key_bytes(), CALLKEY_HBH_KEY_BYTES),
        "callkey_ssrc_count": (callkey_ssrc_count(), CALLKEY_SSRC_COUNT),
        "callkey_plaintext_max_bytes": (callkey_plaintext_max_bytes(), CALLKEY_PLAINTEXT_MAX_BYTES),
        "callkey_public_key_bytes": (callkey_public_key_bytes(), CALLKEY_PUBLIC_KEY_BYTES),
        "callkey_private_key_bytes": (callkey_private_key_bytes(), CALLKEY_PRIVATE_KEY_BYTES),
        "callkey_signature_bytes": (callkey_signature_bytes(), CALLKEY_SIGNATURE_BYTES),
        "callkey_storage_key_bytes": (callkey_storage_key_bytes(), CALLKEY_STORAGE_KEY_BYTES),
        "callkey_sframe_overhead_max_bytes": (callkey_sframe_overhead_max_bytes(), CALLKEY_SFRAME_OVERHEAD_MAX_BYTES),
        "callkey_warp_tag_bytes": (callkey_warp_tag_bytes(), CALLKEY_WARP_TAG_BYTES),
        "callkey_jid_bytes": (callkey_jid_bytes(), CALLKEY_JID_BYTES),
    ]

    // A function of the contract could not be reached from Swift.
    @Test func everyFunctionIsCalled() throws {
        let declared = Set(header.matches(of: /CALLKEY_API\s[\w\s*]+?\b(callkey_\w+)\(/).map { String($0.output.1) })
        #expect(declared.count > 40)
        let sources = try Tree.files(in: "bindings/swift/Sources/CallKey", ending: ".swift")
            .map { try String(contentsOf: $0, encoding: .utf8) }.joined()
        let called = Set(sources.matches(of: /\b(callkey_\w+)\(/).map { String($0.output.1) })
        #expect(declared.subtracting(called) == Set(Self.sizes.keys))
    }

    // An output would be allocated smaller than what the library writes to it.
    @Test func sizesOfTheLibrary() {
        for (name, size) in Self.sizes {
            #expect(size.twin == Int(size.macro), "\(name)")
        }
    }

    // A failure would arrive as another one, or as unknown.
    @Test func everyStatusHasItsCase() throws {
        let macros = header.matches(of: /#define (CALLKEY_ERR_\w+) \((-\d+)\)/)
        #expect(macros.count == 27)
        for macro in macros {
            let status = try #require(Int32(macro.output.2))
            let error = CallKeyError(status: status)
            if case .unknown = error { Issue.record("\(macro.output.1) has no case") }
            #expect(error.name == macro.output.1)
            #expect(error.status == status)
            #expect(!error.words.isEmpty)
        }
        #expect(CallKeyError(status: -999, "words") == .unknown(status: -999, "words"))
        #expect("\(CallKeyError.noSession("with 1:0@lid"))" == "CALLKEY_ERR_NO_SESSION: with 1:0@lid")
    }

    // A number of the contract would mean something else in Swift.
    @Test func numbersOfTheContract() {
        #expect(
            HBH.allCases.map(\.rawValue)
                == [CALLKEY_HBH_UPLINK, CALLKEY_HBH_DOWNLINK, CALLKEY_HBH_SRTP, CALLKEY_HBH_SRTCP].map(UInt32.init))
        #expect(EncType.none.rawValue == CALLKEY_ENC_NONE)
        #expect(EncType.msg.rawValue == CALLKEY_ENC_MSG)
        #expect(EncType.pkmsg.rawValue == CALLKEY_ENC_PKMSG)
        #expect(StanzaKind.none.rawValue == CALLKEY_KIND_NONE)
        #expect(StanzaKind.offer.rawValue == CALLKEY_KIND_OFFER)
        #expect(StanzaKind.accept.rawValue == CALLKEY_KIND_ACCEPT)
        #expect(StanzaKind.rekey.rawValue == CALLKEY_KIND_REKEY)
        #expect(StanzaKind.other.rawValue == CALLKEY_KIND_OTHER)
    }

    // A part of the SRTP keys would be cut out in the wrong place.
    @Test func partsOfTheKeys() throws {
        typealias Keys = callkey_srtp_keys
        let starts: [(SRTPKeys.Part, Int?)] = [
            (.masterKey, MemoryLayout<Keys>.offset(of: \.master_key)),
            (.masterSalt, MemoryLayout<Keys>.offset(of: \.master_salt)),
            (.srtpCipherKey, MemoryLayout<Keys>.offset(of: \.srtp_cipher_key)),
            (.srtpAuthKey, MemoryLayout<Keys>.offset(of: \.srtp_auth_key)),
            (.srtpSalt, MemoryLayout<Keys>.offset(of: \.srtp_salt)),
            (.srtcpCipherKey, MemoryLayout<Keys>.offset(of: \.srtcp_cipher_key)),
            (.srtcpAuthKey, MemoryLayout<Keys>.offset(of: \.srtcp_auth_key)),
            (.srtcpSalt, MemoryLayout<Keys>.offset(of: \.srtcp_salt)),
        ]
        var end = 0
        for (part, start) in starts {
            #expect(part.place.lowerBound == start && start == end)
            end = part.place.upperBound
        }
        #expect(end == MemoryLayout<Keys>.size)
        #expect(SRTPKeys.Part.libsrtpKey.place == 0..<30)
    }

    // The library on the machine would be another one than this tree's.
    @Test func library() throws {
        try Library.selftest()
        #expect(Library.version == CALLKEY_VERSION)
        #expect(Library.abiVersion == (UInt32(CALLKEY_ABI_MAJOR), UInt32(CALLKEY_ABI_MINOR)))
    }
}
