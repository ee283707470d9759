package selftest

import (
	"encoding/binary"

	"libcallkey/core/derive"
)

var derivePrimitives = []primitive{
	// Captured from a real client: the five members of SRTPKeys in their order.
	{"SRTP key derivation", "3f5423fb6f67e4c588bf5741a3a4e92c" + "749ee99101a47c82bb5dacec40cf" +
		"747055a9d18be0fcdc0e29d871309081" + "8eff4bb04971d92512b034ce0ebc466059bfc6ea" + "10fb8133eff7639cc0d06788f49c",
		func() []byte {
			var keys derive.SRTPKeys
			err := derive.E2EKeys(&keys, countingKey, peer)
			return given(err, keys.MasterKey[:], keys.MasterSalt[:], keys.SRTPCipherKey[:], keys.SRTPAuthKey[:], keys.SRTPSalt[:])
		}},
	// Captured from a real client.
	{"SFrame key derivation", sframeKey, func() []byte {
		var key [32]byte
		err := derive.SFrameKey(&key, countingKey, peer)
		return given(err, key[:])
	}},
	// testdata/vectors/warp_auth_key.json.
	{"WARP key derivation", "6c768f61c7bd16f8c022b58d6a9f01ab832abe95e27538a7d6c584a26b8e0734", func() []byte {
		var key [32]byte
		err := derive.WARPAuthKey(&key, countingKey)
		return given(err, key[:])
	}},
	// Captured from a real client.
	{"packet tag", "53fada83", func() []byte {
		var tag [4]byte
		err := derive.WARPTag(&tag, unhex("8eff4bb04971d92512b034ce0ebc466059bfc6ea"), unhex("90780007000003c012345678deadbeef"), 0)
		return given(err, tag[:])
	}},
	// A known answer of the field: master key and master salt.
	{"hop-by-hop key derivation", "f77854760b4340f0eabbe93930eafe03" + "10c8f699d1ebaf1f609a1781f3fc", func() []byte {
		var keys derive.SRTPKeys
		hbh := [30]byte(unhex("404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d"))
		err := derive.HBHKeys(&keys, &hbh, derive.HBHUplink)
		return given(err, keys.MasterKey[:], keys.MasterSalt[:])
	}},
	// A known answer of the field: slots 0 and 1.
	{"SSRC derivation", "6b9de351" + "93c780e0", func() []byte {
		var ssrcs [9]uint32
		err := derive.SSRCs(&ssrcs, "00112233445566778899AABBCCDDEEFF", peer)
		return given(err, binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, ssrcs[0]), ssrcs[1]))
	}},
}
