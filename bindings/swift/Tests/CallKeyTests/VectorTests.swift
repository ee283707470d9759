import CallKey
import Foundation
import Testing

/// The shared known answers and error cases of `testdata/vectors`.
@Suite struct VectorTests {
    // Without its file of vectors, or if no test ran it, a function could fail unnoticed in Swift.
    @Test func everyFileIsRun() {
        #expect(Set(Vector.all.map(\.function)) == Set(runs.keys))
    }

    // Swift would derive other keys than all peers, or accept bad input.
    @Test(arguments: Vector.all) func answer(_ vector: Vector) throws {
        let run = try #require(runs[vector.function])
        if let error = vector.error {
            #expect("CALLKEY_ERR_" + status { try run(vector.input) } == error)
            return
        }
        var got = try run(vector.input)
        let wanted = try #require(vector.output)
        if case .list(let known)? = wanted.values["ssrcs"], case .list(let all)? = got.values["ssrcs"] {
            #expect(all.count == 9)
            got.values["ssrcs"] = .list(Array(all.prefix(known.count)))
        }
        for (name, value) in wanted.values {
            #expect(got.values[name] == value, "\(name)")
        }
    }
}

/// The functions that have vectors: inputs to outputs.
private let runs: [String: @Sendable (Fields) throws -> Fields] = [
    "callkey_check": { fields in
        _ = try CallKey(bytes: fields.bytes("key"))
        return Fields(values: [:])
    },
    "callkey_fingerprint": { fields in
        let key = try CallKey(bytes: fields.bytes("key"))
        return Fields(values: ["fingerprint_hex": .text(try key.fingerprint)])
    },
    "callkey_participant_id": { fields in
        let id = try participantID(of: fields.text("jid"))
        return Fields(values: ["participant_id": .text(id), "participant_id_hex": .text(hex(id.utf8))])
    },
    "callkey_derive_e2e_keys": { fields in
        let key = try CallKey(bytes: fields.bytes("key"))
        return parts(try key.e2eKeys(of: fields.text("participant")))
    },
    "callkey_derive_e2e_keys_raw": { fields in
        let secret = try RawE2E(bytes: fields.bytes("raw_e2e"))
        return parts(try secret.e2eKeys(of: fields.text("participant")))
    },
    "callkey_derive_e2e_keys_batch": { fields in
        let key = try CallKey(bytes: fields.bytes("key"))
        // A batch is all or nothing in Swift, so the refused participants are found first.
        var statuses: [String] = []
        var accepted: [String] = []
        let participants = try fields.texts("participants")
        for participant in participants {
            do {
                _ = try key.e2eKeysBatch(of: [participant])
                statuses.append("CALLKEY_OK")
                accepted.append(participant)
            } catch let error as CallKeyError {
                statuses.append(error.name)
            }
        }
        let batch = try key.e2eKeysBatch(of: accepted)
        var keys: [String] = []
        var next = 0
        for status in statuses {
            if status == "CALLKEY_OK" {
                keys.append(reveal(batch.keys(at: next)))
                next += 1
            } else {
                keys.append(String(repeating: "00", count: 130))
            }
        }
        return Fields(values: [
            "statuses": .list(statuses.map(Value.text)), "keys_hex": .list(keys.map(Value.text)),
        ])
    },
    "callkey_derive_e2e_sframe_key": { fields in
        let key = try CallKey(bytes: fields.bytes("key"))
        return Fields(values: ["sframe_key_hex": .text(reveal(try key.sframeKey(of: fields.text("participant"))))])
    },
    "callkey_derive_warp_auth_key": { fields in
        let key = try CallKey(bytes: fields.bytes("key"))
        return Fields(values: ["warp_auth_key_hex": .text(reveal(try key.warpAuthKey()))])
    },
    "callkey_derive_hbh_keys": { fields in
        // A number that is not one of the four can't become an HBH.
        guard let which = HBH(rawValue: try fields.number("which")) else { throw CallKeyError.argument("which") }
        return parts(try which.keys(from: fields.bytes("hbh_key")))
    },
    "callkey_derive_ssrcs": { fields in
        let ssrcs = try SSRCs(callID: fields.text("call_id"), participant: fields.text("participant"))
        return Fields(values: ["ssrcs": .list(ssrcs.all.map(Value.number))])
    },
    "callkey_raw_e2e_decode": { fields in
        Fields(values: ["raw_e2e_hex": .text(reveal(try RawE2E(decoding: fields.bytes("content"))))])
    },
    "callkey_plaintext_encode": { fields in
        let key = try CallKey(bytes: fields.bytes("key"))
        // The padding is random: 200 of them have every length.
        var lengths: Set<UInt32> = []
        var bodies: Set<String> = []
        for _ in 0..<200 {
            let plaintext = try Plaintext(of: key)
            plaintext.withUnsafeBytes { bytes in
                let pad = Int(bytes.last!)
                #expect(bytes.suffix(pad).allSatisfy { Int($0) == pad })
                lengths.insert(UInt32(bytes.count))
                bodies.insert(hex(bytes.dropLast(pad)))
            }
        }
        #expect(bodies.count == 1)
        return Fields(values: [
            "body_hex": .text(bodies.first!), "min_len": .number(lengths.min()!), "max_len": .number(lengths.max()!),
        ])
    },
    "callkey_offer_parse": { fields in
        var status = "CALLKEY_OK"
        var ciphertext: [UInt8] = []
        var info: OfferInfo?
        do {
            let parsed = try ParsedOffer(fields.bytes("stanza"), own: fields.texts("own_jids"))
            (ciphertext, info) = (parsed.ciphertext, parsed.info)
        } catch let error as CallKeyError {
            (status, info) = (error.name, error.info)
        }
        let flags: [Bool] = [info?.isVideo ?? false, info?.isGroup ?? false, info?.isAccept ?? false]
        return Fields(values: [
            "status": .text(status), "ciphertext_hex": .text(hex(ciphertext)),
            "kind": .number(info?.kind.rawValue ?? 0), "keygen": .number(info?.keygen ?? 0),
            "enc_type": .number(info?.encType.rawValue ?? 0), "enc_version": .number(info?.encVersion ?? 0),
            "flags": .number(flags.reversed().reduce(0) { $0 << 1 | ($1 ? 1 : 0) }),
            "transaction_id": .number(info?.transactionID ?? 0), "call_id": .text(info?.callID ?? ""),
            "call_creator": .text(info?.callCreator ?? ""), "from": .text(info?.from ?? ""),
            "sender": .text(info?.sender ?? ""),
        ])
    },
    "callkey_offer_build": { fields in
        let jids = try fields.texts("jids")
        let kinds = try fields.numbers("enc_types")
        let ciphertexts = try fields.texts("ciphertexts_hex")
        let encs = try jids.indices.map {
            Enc(jid: jids[$0], type: try #require(EncType(rawValue: kinds[$0])), ciphertext: hex(ciphertexts[$0]))
        }
        return Fields(values: ["stanza_hex": .text(hex(try Offer.build(encs, options: try options(fields))))])
    },
    "callkey_rekey_build": { fields in
        // A type that EncType does not have can't be in an Enc.
        guard let type = EncType(rawValue: try fields.number("enc_type")) else { throw CallKeyError.argument("type") }
        let enc = Enc(jid: try fields.text("jid"), type: type, ciphertext: try fields.bytes("ciphertext"))
        let wire = try Rekey.build(
            enc, transactionID: fields.number("transaction_id"), options: try #require(try options(fields)))
        return Fields(values: ["stanza_hex": .text(hex(wire))])
    },
    "callkey_account_identity": { fields in
        let account = try Account(
            privateKey: fields.bytes("private_key"), registrationID: fields.number("registration_id"))
        let identity = try account.identity
        return Fields(values: [
            "registration_id": .number(identity.registrationID), "public_key_hex": .text(hex(identity.publicKey)),
        ])
    },
    "callkey_message_parse": { fields in
        // A type that EncType does not have can't be asked for.
        guard let type = EncType(rawValue: try fields.number("enc_type")) else {
            throw CallKeyError.unsupported("type")
        }
        let info = try MessageInfo(parsing: fields.bytes("ciphertext"), type: type)
        let none = [UInt8](repeating: 0, count: 32)
        return Fields(values: [
            "prekey_id": .number(info?.prekeyID ?? 0), "signed_prekey_id": .number(info?.signedPrekeyID ?? 0),
            "registration_id": .number(info?.registrationID ?? 0),
            "identity_key_hex": .text(hex(info?.identityKey ?? none)),
            "base_key_hex": .text(hex(info?.baseKey ?? none)),
        ])
    },
    "callkey_stanza_from_xml": { fields in
        let wire = try stanzaFromXML(fields.text("xml"))
        #expect(try stanzaFromXML(stanzaXML(wire)) == wire)
        return Fields(values: ["stanza_hex": .text(hex(wire))])
    },
    "callkey_select_participant": { fields in
        let key = try CallKey(bytes: fields.bytes("key"))
        let index = try key.selectParticipant(
            among: fields.texts("participants"), packet: fields.bytes("rtp_packet"), roc: fields.number("roc"),
            tagLength: fields.number("tag_len"))
        return Fields(values: ["index": .number(UInt32(index))])
    },
    "callkey_sframe_seal": { fields in
        let key = try SFrameKey(bytes: fields.bytes("sframe_key"))
        let frame = try key.seal(
            fields.bytes("payload"), counter: fields.wideNumber("counter"), keyID: fields.wideNumber("key_id"))
        return Fields(values: ["frame_hex": .text(hex(frame))])
    },
    "callkey_sframe_open": { fields in
        let key = try SFrameKey(bytes: fields.bytes("sframe_key"))
        let opened = try key.open(fields.bytes("frame"))
        return Fields(values: [
            "payload_hex": .text(hex(opened.payload)), "counter_hex": .text(String(format: "%016llx", opened.counter)),
            "key_id_hex": .text(String(format: "%016llx", opened.keyID)),
        ])
    },
    "callkey_warp_tag": { fields in
        let tag = try warpTag(
            of: fields.bytes("packet"), authKey: fields.bytes("auth_key"), roc: fields.number("roc"))
        return Fields(values: ["tag_hex": .text(hex(tag))])
    },
    "callkey_plaintext_decode": { fields in
        let key = try CallKey(plaintext: fields.bytes("plaintext"), version: fields.number("enc_version"))
        return Fields(values: ["key_hex": .text(reveal(key))])
    },
]

/// The options of a case: without a call id it has none, and others only where they are set.
private func options(_ fields: Fields) throws -> OfferOptions? {
    guard fields.values["call_id"] != nil else { return nil }
    func text(_ name: String) throws -> String? { fields.values[name] == nil ? nil : try fields.text(name) }
    func number(_ name: String) throws -> UInt32 { fields.values[name] == nil ? 0 : try fields.number(name) }
    func bytes(_ name: String) throws -> [UInt8]? { fields.values[name + "_hex"] == nil ? nil : try fields.bytes(name) }
    var options = OfferOptions(
        to: try text("to") ?? "", callID: try fields.text("call_id"), callCreator: try fields.text("call_creator"))
    let flags = try number("flags")
    (options.isVideo, options.isMultiDevice) = (flags & 1 != 0, flags & 2 != 0)
    options.stanzaID = try text("stanza_id")
    options.capability = try bytes("capability")
    options.privacyToken = try bytes("privacy_token")
    options.deviceIdentity = try bytes("device_identity")
    options.videoEnc = try text("video_enc")
    options.videoDec = try text("video_dec")
    options.videoWidth = try number("video_width")
    options.videoHeight = try number("video_height")
    options.videoDeviceOrientation = try number("video_device_orientation")
    return options
}

private func parts(_ keys: borrowing SRTPKeys) -> Fields {
    var values: [String: Value] = [:]
    for (name, part) in [
        ("master_key", SRTPKeys.Part.masterKey), ("master_salt", .masterSalt),
        ("srtp_cipher_key", .srtpCipherKey), ("srtp_auth_key", .srtpAuthKey), ("srtp_salt", .srtpSalt),
        ("srtcp_cipher_key", .srtcpCipherKey), ("srtcp_auth_key", .srtcpAuthKey), ("srtcp_salt", .srtcpSalt),
    ] {
        values[name + "_hex"] = .text(keys.withUnsafeBytes(of: part) { hex($0) })
    }
    return Fields(values: values)
}

/// A secret of a test, as hexadecimal digits.
func reveal(_ secret: borrowing some Secret & ~Copyable) -> String {
    secret.withUnsafeBytes { hex($0) }
}
