import CCallKey
import Foundation
import Testing

@testable import CallKey

/// Compares the package with the declarations of `callkey.h`.
@Suite struct DeclarationTests {
    // A function of the contract could not be reached from Swift.
    @Test func everyFunctionIsCalled() throws {
        let sources = try Tree.files(in: "bindings/swift/Sources/CallKey", ending: ".swift")
            .map { try String(contentsOf: $0, encoding: .utf8) }.joined()
        let called = Set(sources.matches(of: /\b(callkey_\w+)\(/).map { String($0.output.1) })
        // The package does not need C's functions for sizes.
        #expect(Contract.functions.subtracting(called) == Set(Contract.sizes.keys))
    }

    // An output would be allocated smaller than what the library writes to it.
    @Test func sizesOfTheLibrary() {
        for (name, size) in Contract.sizes {
            #expect(size.twin == Int(size.number) && size.macro == size.number, "\(name)")
        }
    }

    // An app would write 32, and not notice where the contract has another size.
    @Test func everySizeIsPublic() {
        let sizes: [String: Int] = [
            "callkey_key_bytes": Sizes.key, "callkey_fingerprint_bytes": Sizes.fingerprint,
            "callkey_raw_e2e_min_bytes": Sizes.rawE2EMin, "callkey_srtp_keys_bytes": Sizes.srtpKeys,
            "callkey_sframe_key_bytes": Sizes.sframeKey,
            "callkey_sframe_overhead_max_bytes": Sizes.sframeOverheadMax,
            "callkey_warp_auth_key_bytes": Sizes.warpAuthKey, "callkey_warp_tag_bytes": Sizes.warpTag,
            "callkey_hbh_key_bytes": Sizes.hbhKey, "callkey_ssrc_count": Sizes.ssrcCount,
            "callkey_plaintext_max_bytes": Sizes.plaintextMax, "callkey_public_key_bytes": Sizes.publicKey,
            "callkey_message_overhead_max_bytes": Sizes.messageOverheadMax,
            "callkey_record_slack_bytes": Sizes.recordSlack,
            "callkey_private_key_bytes": Sizes.privateKey, "callkey_signature_bytes": Sizes.signature,
            "callkey_storage_key_bytes": Sizes.storageKey, "callkey_jid_bytes": Sizes.jid,
        ]
        #expect(sizes == Contract.sizes.mapValues { Int($0.number) })
    }

    // A failure would arrive as another one, or as unknown.
    @Test func everyStatusHasItsCase() {
        for (status, name) in Contract.failures {
            let error = CallKeyError(status: status)
            if case .unknown = error { Issue.record("CallKeyError has no case for \(name)") }
            #expect(error.name == name)
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

    // The library would read and write the members of a struct at other places than Swift.
    @Test(.enabled(if: MemoryLayout<Int>.size == 8)) func layout() {
        for place in Contract.places {
            #expect(place.swift == place.c, "\(place.name)")
        }
    }

    // The tests would run with another library than this tree's.
    @Test func library() throws {
        try Library.selftest()
        #expect(Library.version == CALLKEY_VERSION)
        #expect(Library.abiVersion == (UInt32(CALLKEY_ABI_MAJOR), UInt32(CALLKEY_ABI_MINOR)))
    }
}
