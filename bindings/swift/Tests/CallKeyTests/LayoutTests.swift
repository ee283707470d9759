import CCallKey
import Foundation
import Testing

/// The structs as Swift imports them, against the table that C, Go and Python are held to.
@Suite struct LayoutTests {
    struct Row: Decodable, Hashable {
        let `struct`: String
        let member: String
        let offset64: Int
        let size64: Int
    }

    /// One struct and its members.
    static func rows<T>(_ name: String, of type: T.Type, _ members: [(String, PartialKeyPath<T>)]) -> [Row] {
        [Row(struct: name, member: "", offset64: 0, size64: MemoryLayout<T>.size)]
            + members.map { member, path in
                Row(
                    struct: name, member: member, offset64: MemoryLayout<T>.offset(of: path)!,
                    size64: size(of: Swift.type(of: path).valueType))
            }
    }

    static func size(of type: Any.Type) -> Int {
        func size<V>(_: V.Type) -> Int { MemoryLayout<V>.size }
        return _openExistential(type, do: size)
    }

    // The library would read and write the members of a struct at other places than Swift.
    @Test(.enabled(if: MemoryLayout<Int>.size == 8)) func everyMemberIsWhereTheTableHasIt() throws {
        let table = try JSONDecoder().decode([Row].self, from: Data(Tree.text("abi/layout.json").utf8))
        let imported = [
            Self.rows(
                "callkey_srtp_keys", of: callkey_srtp_keys.self,
                [
                    ("master_key", \.master_key),
                    ("master_salt", \.master_salt),
                    ("srtp_cipher_key", \.srtp_cipher_key),
                    ("srtp_auth_key", \.srtp_auth_key),
                    ("srtp_salt", \.srtp_salt),
                    ("srtcp_cipher_key", \.srtcp_cipher_key),
                    ("srtcp_auth_key", \.srtcp_auth_key),
                    ("srtcp_salt", \.srtcp_salt),
                ]),
            Self.rows(
                "callkey_store_options", of: callkey_store_options.self,
                [
                    ("struct_size", \.struct_size),
                    ("flags", \.flags),
                    ("busy_ms", \.busy_ms),
                ]),
            Self.rows(
                "callkey_identity", of: callkey_identity.self,
                [
                    ("registration_id", \.registration_id),
                    ("public_key", \.public_key),
                ]),
            Self.rows(
                "callkey_prekey", of: callkey_prekey.self,
                [
                    ("id", \.id),
                    ("public_key", \.public_key),
                ]),
            Self.rows(
                "callkey_signed_prekey", of: callkey_signed_prekey.self,
                [
                    ("id", \.id),
                    ("public_key", \.public_key),
                    ("signature", \.signature),
                ]),
            Self.rows(
                "callkey_prekey_bundle", of: callkey_prekey_bundle.self,
                [
                    ("struct_size", \.struct_size),
                    ("registration_id", \.registration_id),
                    ("prekey_id", \.prekey_id),
                    ("signed_prekey_id", \.signed_prekey_id),
                    ("reserved", \.reserved),
                    ("identity_key", \.identity_key),
                    ("prekey", \.prekey),
                    ("signed_prekey", \.signed_prekey),
                    ("signed_prekey_signature", \.signed_prekey_signature),
                ]),
            Self.rows(
                "callkey_enc", of: callkey_enc.self,
                [
                    ("jid", \.jid),
                    ("enc_type", \.enc_type),
                    ("ciphertext", \.ciphertext),
                    ("ciphertext_len", \.ciphertext_len),
                ]),
            Self.rows(
                "callkey_offer_options", of: callkey_offer_options.self,
                [
                    ("struct_size", \.struct_size),
                    ("flags", \.flags),
                    ("stanza_id", \.stanza_id),
                    ("to", \.to),
                    ("call_id", \.call_id),
                    ("call_creator", \.call_creator),
                    ("capability", \.capability),
                    ("capability_len", \.capability_len),
                    ("privacy_token", \.privacy_token),
                    ("privacy_token_len", \.privacy_token_len),
                    ("device_identity", \.device_identity),
                    ("device_identity_len", \.device_identity_len),
                ]),
            Self.rows(
                "callkey_call_info", of: callkey_call_info.self,
                [
                    ("struct_size", \.struct_size),
                    ("kind", \.kind),
                    ("keygen", \.keygen),
                    ("enc_type", \.enc_type),
                    ("enc_version", \.enc_version),
                    ("flags", \.flags),
                    ("transaction_id", \.transaction_id),
                    ("call_id", \.call_id),
                    ("call_creator", \.call_creator),
                    ("from", \.from),
                    ("sender", \.sender),
                    ("sender_identity", \.sender_identity),
                ]),
        ].flatMap(\.self)
        #expect(Set(imported) == Set(table))
        #expect(imported.count == table.count)
    }
}
