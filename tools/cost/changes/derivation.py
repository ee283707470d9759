"""A new derivation: the keys of an archived stream, under a new label."""

from __future__ import annotations

from tools.cost.change import Change, Edit

_HEADER = """/** Derive the keys of an archived copy of the streams that one participant sends.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out or participant is NULL, key is NULL and key_len is not 0,
 *                                    or participant is longer than 127 bytes or not UTF-8
 *           CALLKEY_ERR_KEY_LENGTH   key_len is not CALLKEY_KEY_BYTES
 *           CALLKEY_ERR_PARTICIPANT  participant is empty
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out          secret; zero after a failure
 *  In:      key          secret
 *           key_len      its length in bytes
 *           participant  JID of the sending device
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_derive_e2e_archive_keys(callkey_srtp_keys *out, const uint8_t *key, size_t key_len,
                                const char *participant) CALLKEY_NONNULL((1, 4));

"""

_CAPI = """//export ck_derive_e2e_archive_keys
func ck_derive_e2e_archive_keys(text *C.char, out *C.callkey_srtp_keys, key *C.uint8_t, keyLen C.size_t, participant *C.char) C.callkey_status {
	return frame(text, func() error {
		id, err := textAt("participant", participant, maxTextBytes)
		if err != nil {
			return err
		}
		return derive.ArchiveKeys(srtpKeys(out), bytesAt(key, keyLen), id)
	})
}

"""

_CORE = """package derive

import (
	"libcallkey/core/callkey"
	"libcallkey/core/kdf"
	"libcallkey/core/secret"
)

const archiveLabel = "e2e archive"

// ArchiveKeys sets out to the keys of an archived copy of what participant sends: as E2EKeys,
// with the info "e2e archive" ‖ participant id.
//
// It fails with KEY_LENGTH, PARTICIPANT and ARGUMENT (see ParticipantID).
func ArchiveKeys(out *SRTPKeys, key []byte, participant string) error {
	if err := callkey.Check(key); err != nil {
		*out = SRTPKeys{}
		return err
	}
	var buf [len(archiveLabel) + MaxParticipantBytes]byte
	info, err := appendParticipantID(append(buf[:0], archiveLabel...), participant)
	if err != nil {
		*out = SRTPKeys{}
		return err
	}
	secret.Do(func() {
		var prk [kdf.Size]byte
		kdf.Extract(&prk, nil, key)
		expandE2EKeys(out, &prk, info)
		clear(prk[:])
	})
	return nil
}
"""

_GO_TEST = """// If this failed, the archive of a call could not be opened.
func TestArchiveKeys(t *testing.T) {
	vectors.Each(t, "callkey_derive_e2e_archive_keys", func(t *testing.T, c vectors.Case) {
		key := c.In.Hex(t, "key")
		defer unchanged(t, key)()
		got := dirty()
		err := derive.ArchiveKeys(&got, key, c.In.Text(t, "participant"))
		checkSRTPKeys(t, c, &got, err)
	})
}

"""

_VECTORS = """{
  "about": "The keys of an archived stream.",
  "function": "callkey_derive_e2e_archive_keys",
  "cases": [
    {
      "name": "peer",
      "in": {
        "key_hex": "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "participant": "222222222222222:0@lid"
      },
      "out": {
        "master_key_hex": "@master_key@",
        "master_salt_hex": "@master_salt@",
        "srtp_cipher_key_hex": "@srtp_cipher_key@",
        "srtp_auth_key_hex": "@srtp_auth_key@",
        "srtp_salt_hex": "@srtp_salt@",
        "srtcp_cipher_key_hex": "@srtcp_cipher_key@",
        "srtcp_auth_key_hex": "@srtcp_auth_key@",
        "srtcp_salt_hex": "@srtcp_salt@"
      }
    },
    {
      "name": "31 bytes",
      "in": {
        "key_hex": "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e",
        "participant": "222222222222222:0@lid"
      },
      "error": "CALLKEY_ERR_KEY_LENGTH"
    },
    {
      "name": "nobody",
      "in": {
        "key_hex": "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "participant": ""
      },
      "error": "CALLKEY_ERR_PARTICIPANT"
    }
  ]
}
"""

_INDEPENDENT = """def derive_archive(a):
    key = call_key(a["key"])
    return srtp_keys(hkdf(bytes(32), key, b"e2e archive" + participant(a["participant"]), 46)[:30])


"""

_SELFTEST = """	// testdata/vectors/archive_keys.json: master key and master salt.
	{"archive key derivation", "@master_key@" + "@master_salt@", func() []byte {
		var keys derive.SRTPKeys
		err := derive.ArchiveKeys(&keys, countingKey, peer)
		return given(err, keys.MasterKey[:], keys.MasterSalt[:])
	}},
"""

_PYTHON = '''    def archive_keys(self, participant: str) -> SRTPKeys:
        """The keys of an archived copy of what a participant sends. Errors as e2e_keys."""
        keys = SRTPKeys._zeros(SRTP_KEYS_BYTES)
        call("callkey_derive_e2e_archive_keys", keys, self, KEY_BYTES, text(participant, "participant"))
        return keys

'''

_SWIFT = """    /// The keys of an archived copy of what `participant` sends. It throws as ``e2eKeys(of:)`` does.
    public func archiveKeys(of participant: String) throws(CallKeyError) -> SRTPKeys {
        let keys = SRTPKeys.zeros()
        try check(
            withText(participant, "participant") {
                callkey_derive_e2e_archive_keys(keys.structure, secret.pointer, secret.count, $0)
            })
        return keys
    }

"""

_SWIFT_TEST = """    "callkey_derive_e2e_archive_keys": { fields in
        let key = try CallKey(bytes: fields.bytes("key"))
        return parts(try key.archiveKeys(of: fields.text("participant")))
    },
"""

_PROTOCOL = """### Archive

As the SRTP keys, with the info "e2e archive" ‖ participant id. *(ours)*

Code: `core/derive/archive.go`. Vectors: `archive_keys.json`.

"""

# What independent.py computes for the first case.
_KNOWN = {
    "master_key": "847e413a2b4f9afb786b4d069cf87a68",
    "master_salt": "41e9f0219f0b866e2de07241ae4b",
    "srtp_cipher_key": "3dc57eb1967dc2a18473094d72f7497e",
    "srtp_auth_key": "522b8404abe8c9cbdfe5bb1eb4f01139ced8e9af",
    "srtp_salt": "479c28c3632641566e4a692ccb0d",
    "srtcp_cipher_key": "5e99cbeedffcb35801d71006097f3d7c",
    "srtcp_auth_key": "96f1c994f502da7f5b3ac54aab522dacdec9e92c",
    "srtcp_salt": "b0ee5cc0a5200d13263a6abea3f4",
}


def _filled(text: str) -> str:
    for name, value in _KNOWN.items():
        text = text.replace(f"@{name}@", value)
    return text


CHANGE = Change(
    name="derivation",
    what="a derivation",
    limit=14,
    edits=(
        Edit(
            "include/callkey.h",
            source=True,
            before="/** Derive the WARP authentication key (CRY-07).",
            new=_HEADER,
        ),
        Edit("capi/derive.go", before="//export ck_derive_e2e_sframe_key\n", new=_CAPI),
        Edit("core/derive/archive.go", new=_CORE),
        Edit(
            "core/derive/vectors_test.go",
            before="// If this failed, a call with a raw_e2e would be noise.\nfunc TestE2EKeysRaw",
            new=_GO_TEST,
        ),
        Edit("testdata/vectors/archive_keys.json", new=_filled(_VECTORS)),
        Edit("testdata/vectors/independent.py", before="def derive_warp(a):\n", new=_INDEPENDENT),
        Edit(
            "testdata/vectors/independent.py",
            after='    "callkey_derive_warp_auth_key": derive_warp,\n',
            new='    "callkey_derive_e2e_archive_keys": derive_archive,\n',
        ),
        Edit(
            "tests/c/every.c",
            after="CALL(derive_warp_auth_key) BODY(return callkey_derive_warp_auth_key(out, KEY);)\n",
            new="CALL(derive_e2e_archive_keys) BODY(return callkey_derive_e2e_archive_keys(&srtp, KEY, BOB);)\n",
        ),
        Edit("tests/c/every.c", after="ROW(derive_warp_auth_key, NO_STORE),\n", new="\tROW(derive_e2e_archive_keys, NO_STORE),\n"),
        Edit("core/selftest/derive.go", before="	// testdata/vectors/warp_auth_key.json.\n", new=_filled(_SELFTEST)),
        Edit("bindings/python/src/callkey/_e2e.py", before="    def e2e_keys_batch(", new=_PYTHON),
        Edit(
            "bindings/python/src/callkey/cli/derive.py",
            before="        with key.sframe_key(jid) as sframe:\n",
            new='        with key.archive_keys(jid) as archive:\n            keys["archive_keys"] = _media(archive)\n',
        ),
        Edit("bindings/swift/Sources/CallKey/Derivation.swift", before="    /// The WARP authentication key", new=_SWIFT),
        Edit(
            "bindings/swift/Tests/CallKeyTests/VectorTests.swift",
            before='    "callkey_derive_warp_auth_key": { fields in\n',
            new=_SWIFT_TEST,
        ),
        Edit("docs/protocol.md", before="### Hop by hop\n", new=_PROTOCOL),
        Edit(
            "CHANGELOG.md",
            after="## 0.3.0 (unreleased)\n\n",
            new="* `callkey_derive_e2e_archive_keys`.\n",
        ),
    ),
    tests=(
        ("go", "test", "./core/derive", "./core/selftest", "./tools/contract/..."),
        ("python3", "-m", "tests.c.run", "build/libcallkey.so.0", "answers", "trials", "sizes"),
        ("python3", "-m", "tools.quick", "pytest"),
    ),
)
