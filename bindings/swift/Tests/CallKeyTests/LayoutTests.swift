import CCallKey
import Foundation
import Testing

/// Where Swift has each member of each struct, against the table that C, Go and Python are held to.
@Suite struct LayoutTests {
    static let offsets: [String: Int?] = [
        "callkey_srtp_keys.master_key": MemoryLayout<callkey_srtp_keys>.offset(of: \.master_key),
        "callkey_srtp_keys.master_salt": MemoryLayout<callkey_srtp_keys>.offset(of: \.master_salt),
        "callkey_srtp_keys.srtp_cipher_key": MemoryLayout<callkey_srtp_keys>.offset(of: \.srtp_cipher_key),
        "callkey_srtp_keys.srtp_auth_key": MemoryLayout<callkey_srtp_keys>.offset(of: \.srtp_auth_key),
        "callkey_srtp_keys.srtp_salt": MemoryLayout<callkey_srtp_keys>.offset(of: \.srtp_salt),
        "callkey_srtp_keys.srtcp_cipher_key": MemoryLayout<callkey_srtp_keys>.offset(of: \.srtcp_cipher_key),
        "callkey_srtp_keys.srtcp_auth_key": MemoryLayout<callkey_srtp_keys>.offset(of: \.srtcp_auth_key),
        "callkey_srtp_keys.srtcp_salt": MemoryLayout<callkey_srtp_keys>.offset(of: \.srtcp_salt),
        "callkey_identity.registration_id": MemoryLayout<callkey_identity>.offset(of: \.registration_id),
        "callkey_identity.public_key": MemoryLayout<callkey_identity>.offset(of: \.public_key),
        "callkey_prekey.id": MemoryLayout<callkey_prekey>.offset(of: \.id),
        "callkey_prekey.public_key": MemoryLayout<callkey_prekey>.offset(of: \.public_key),
        "callkey_signed_prekey.id": MemoryLayout<callkey_signed_prekey>.offset(of: \.id),
        "callkey_signed_prekey.public_key": MemoryLayout<callkey_signed_prekey>.offset(of: \.public_key),
        "callkey_signed_prekey.signature": MemoryLayout<callkey_signed_prekey>.offset(of: \.signature),
        "callkey_prekey_bundle.registration_id": MemoryLayout<callkey_prekey_bundle>.offset(of: \.registration_id),
        "callkey_prekey_bundle.prekey_id": MemoryLayout<callkey_prekey_bundle>.offset(of: \.prekey_id),
        "callkey_prekey_bundle.signed_prekey_id": MemoryLayout<callkey_prekey_bundle>.offset(of: \.signed_prekey_id),
        "callkey_prekey_bundle.identity_key": MemoryLayout<callkey_prekey_bundle>.offset(of: \.identity_key),
        "callkey_prekey_bundle.prekey": MemoryLayout<callkey_prekey_bundle>.offset(of: \.prekey),
        "callkey_prekey_bundle.signed_prekey": MemoryLayout<callkey_prekey_bundle>.offset(of: \.signed_prekey),
        "callkey_prekey_bundle.signed_prekey_signature": MemoryLayout<callkey_prekey_bundle>.offset(
            of: \.signed_prekey_signature),
        "callkey_enc.jid": MemoryLayout<callkey_enc>.offset(of: \.jid),
        "callkey_enc.enc_type": MemoryLayout<callkey_enc>.offset(of: \.enc_type),
        "callkey_enc.ciphertext": MemoryLayout<callkey_enc>.offset(of: \.ciphertext),
        "callkey_enc.ciphertext_len": MemoryLayout<callkey_enc>.offset(of: \.ciphertext_len),
        "callkey_offer_options.struct_size": MemoryLayout<callkey_offer_options>.offset(of: \.struct_size),
        "callkey_offer_options.flags": MemoryLayout<callkey_offer_options>.offset(of: \.flags),
        "callkey_offer_options.stanza_id": MemoryLayout<callkey_offer_options>.offset(of: \.stanza_id),
        "callkey_offer_options.to": MemoryLayout<callkey_offer_options>.offset(of: \.to),
        "callkey_offer_options.call_id": MemoryLayout<callkey_offer_options>.offset(of: \.call_id),
        "callkey_offer_options.call_creator": MemoryLayout<callkey_offer_options>.offset(of: \.call_creator),
        "callkey_offer_options.capability": MemoryLayout<callkey_offer_options>.offset(of: \.capability),
        "callkey_offer_options.capability_len": MemoryLayout<callkey_offer_options>.offset(of: \.capability_len),
        "callkey_offer_options.privacy_token": MemoryLayout<callkey_offer_options>.offset(of: \.privacy_token),
        "callkey_offer_options.privacy_token_len": MemoryLayout<callkey_offer_options>.offset(of: \.privacy_token_len),
        "callkey_offer_options.device_identity": MemoryLayout<callkey_offer_options>.offset(of: \.device_identity),
        "callkey_offer_options.device_identity_len": MemoryLayout<callkey_offer_options>.offset(
            of: \.device_identity_len),
        "callkey_offer_info.keygen": MemoryLayout<callkey_offer_info>.offset(of: \.keygen),
        "callkey_offer_info.enc_type": MemoryLayout<callkey_offer_info>.offset(of: \.enc_type),
        "callkey_offer_info.enc_version": MemoryLayout<callkey_offer_info>.offset(of: \.enc_version),
        "callkey_offer_info.flags": MemoryLayout<callkey_offer_info>.offset(of: \.flags),
        "callkey_offer_info.transaction_id": MemoryLayout<callkey_offer_info>.offset(of: \.transaction_id),
        "callkey_offer_info.call_id": MemoryLayout<callkey_offer_info>.offset(of: \.call_id),
        "callkey_offer_info.call_creator": MemoryLayout<callkey_offer_info>.offset(of: \.call_creator),
        "callkey_offer_info.sender": MemoryLayout<callkey_offer_info>.offset(of: \.sender),
    ]

    struct Row: Decodable {
        let `struct`: String
        let member: String
        let offset64: Int
        let offset32: Int
    }

    // Swift would read a member where C did not write it.
    @Test func everyMemberIsWhereTheTableHasIt() throws {
        let rows = try JSONDecoder().decode([Row].self, from: Data(Tree.text("abi/layout.json").utf8))
        let members = rows.filter { !$0.member.isEmpty }
        #expect(members.count == Self.offsets.count)
        for row in members {
            let offset = MemoryLayout<Int>.size == 8 ? row.offset64 : row.offset32
            let imported = Self.offsets["\(row.struct).\(row.member)"] ?? nil
            #expect(imported == offset, "\(row.struct).\(row.member)")
        }
    }
}
