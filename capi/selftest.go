//go:build !provoke

package main

import (
	"bytes"
	"encoding/hex"

	"golang.org/x/crypto/chacha20poly1305"

	"libcallkey/core/callkey"
	"libcallkey/core/curve"
	"libcallkey/core/derive"
	"libcallkey/core/envelope"
	"libcallkey/core/kdf"
	"libcallkey/core/offer"
	"libcallkey/core/sframe"
	"libcallkey/core/signal"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// selftest compares every primitive with a published answer, and then runs one call key
// through two sessions. It tells a library that was miscompiled, or runs on a processor
// it was not made for, from one that works.
func selftest() error {
	for _, primitive := range []struct {
		name  string
		works func() bool
	}{
		{"HKDF-SHA256", hkdfWorks},
		{"SRTP key derivation", srtpWorks},
		{"SFrame key derivation", sframeWorks},
		{"SFrame", frameWorks},
		{"WARP key derivation", warpWorks},
		{"packet tag", tagWorks},
		{"hop-by-hop key derivation", hbhWorks},
		{"SSRC derivation", ssrcWorks},
		{"call key plaintext", plaintextWorks},
		{"X25519", x25519Works},
		{"XEdDSA", xeddsaWorks},
		{"XChaCha20-Poly1305", recordSealWorks},
		{"Signal session", sessionWorks},
	} {
		if !primitive.works() {
			return status.New(status.Internal, "selftest: %s does not give the known answer", primitive.name)
		}
	}
	return nil
}

// unhex decodes a constant of this file.
func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// The call key and the participant that the known answers of the protocol are for.
const peer = "222222222222222:0@lid"

var countingKey = unhex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")

// RFC 5869 A.1.
func hkdfWorks() bool {
	var out [42]byte
	kdf.HKDF(out[:], unhex("000102030405060708090a0b0c"),
		unhex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), unhex("f0f1f2f3f4f5f6f7f8f9"))
	return bytes.Equal(out[:], unhex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"))
}

// Captured from a real client.
func srtpWorks() bool {
	var keys derive.SRTPKeys
	err := derive.E2EKeys(&keys, countingKey, peer)
	return err == nil &&
		bytes.Equal(keys.MasterKey[:], unhex("3f5423fb6f67e4c588bf5741a3a4e92c")) &&
		bytes.Equal(keys.MasterSalt[:], unhex("749ee99101a47c82bb5dacec40cf")) &&
		bytes.Equal(keys.SRTPCipherKey[:], unhex("747055a9d18be0fcdc0e29d871309081")) &&
		bytes.Equal(keys.SRTPAuthKey[:], unhex("8eff4bb04971d92512b034ce0ebc466059bfc6ea")) &&
		bytes.Equal(keys.SRTPSalt[:], unhex("10fb8133eff7639cc0d06788f49c"))
}

// Captured from a real client.
func sframeWorks() bool {
	var key [32]byte
	err := derive.SFrameKey(&key, countingKey, peer)
	return err == nil && bytes.Equal(key[:], unhex("e77cc4666a53d2264ba278b3e2b9ba1cc41ac0e3b587b09db3dd3fa646d51ae9"))
}

// Captured from a real client; and one bit of its tag flipped.
func frameWorks() bool {
	key := unhex("e77cc4666a53d2264ba278b3e2b9ba1cc41ac0e3b587b09db3dd3fa646d51ae9")
	payload := unhex("102132435465768798a9bacb")
	frame := unhex("e5ef789f9fa501842a9ff5f54cc12a630d12008f1bb39060c951724f050003")
	sealed, err := sframe.Seal(key, payload, 5, 0)
	if err != nil || !bytes.Equal(sealed, frame) {
		return false
	}
	opened, err := sframe.Open(key, frame)
	if err != nil || !bytes.Equal(opened.Payload, payload) || opened.Counter != 5 || opened.KeyID != 0 {
		return false
	}
	frame[len(payload)] ^= 1
	_, err = sframe.Open(key, frame)
	return status.Of(err) == status.Authentication
}

// Captured from a real client.
func tagWorks() bool {
	var tag [4]byte
	err := derive.WARPTag(&tag, unhex("8eff4bb04971d92512b034ce0ebc466059bfc6ea"), unhex("90780007000003c012345678deadbeef"), 0)
	return err == nil && bytes.Equal(tag[:], unhex("53fada83"))
}

// testdata/vectors/warp_auth_key.json.
func warpWorks() bool {
	var key [32]byte
	err := derive.WARPAuthKey(&key, countingKey)
	return err == nil && bytes.Equal(key[:], unhex("6c768f61c7bd16f8c022b58d6a9f01ab832abe95e27538a7d6c584a26b8e0734"))
}

// A known answer of the field.
func hbhWorks() bool {
	var keys derive.SRTPKeys
	hbh := [30]byte(unhex("404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d"))
	err := derive.HBHKeys(&keys, &hbh, derive.HBHUplink)
	return err == nil &&
		bytes.Equal(keys.MasterKey[:], unhex("f77854760b4340f0eabbe93930eafe03")) &&
		bytes.Equal(keys.MasterSalt[:], unhex("10c8f699d1ebaf1f609a1781f3fc"))
}

// A known answer of the field.
func ssrcWorks() bool {
	var ssrcs [9]uint32
	err := derive.SSRCs(&ssrcs, "00112233445566778899AABBCCDDEEFF", peer)
	return err == nil && ssrcs[0] == 1805509457 && ssrcs[1] == 2479325408
}

// CRY-01: 52 22 0a 20, the key, padding.
func plaintextWorks() bool {
	var key [callkey.Bytes]byte
	plaintext := append(append(unhex("52220a20"), countingKey...), 3, 3, 3)
	return envelope.Decode(&key, plaintext, 2) == nil && bytes.Equal(key[:], countingKey)
}

// RFC 7748 section 6.1: Bob's private and Alice's public key.
func x25519Works() bool {
	alice := [32]byte(unhex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"))
	bob := [32]byte(unhex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"))
	var shared [32]byte
	err := curve.Agree(&shared, &bob, &alice)
	return err == nil && bytes.Equal(shared[:], unhex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"))
}

// A prekey signature that another Signal client made.
func xeddsaWorks() bool {
	identity := [32]byte(unhex("ab7e717d4a163b7d9a1d8071dfe9dcf8cdcd1cea3339b6356be84d887e322c64"))
	signature := [64]byte(unhex("5de88ca9a89b4a115da79109c67c9c7464a3e4180274f1cb8c63c2984e286dfb" +
		"ede82deb9dcd9fae0bfbb821569b3d9001bd8130cd11d486cef047bd60b86e88"))
	message := unhex("05edce9d9c415ca78cb7252e72c2c4a554d3eb29485a0e1d503118d1a82d99fb4a")
	if !curve.Verify(&identity, message, &signature) {
		return false
	}
	signature[0] ^= 1
	return !curve.Verify(&identity, message, &signature)
}

// draft-irtf-cfrg-xchacha-03 A.3.1.
func recordSealWorks() bool {
	aead, err := chacha20poly1305.NewX(unhex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"))
	if err != nil {
		return false
	}
	plaintext := []byte("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.")
	sealed := aead.Seal(nil, unhex("404142434445464748494a4b4c4d4e4f5051525354555657"), plaintext, unhex("50515253c0c1c2c3c4c5c6c7"))
	return bytes.Equal(sealed[:16], unhex("bd6d179d3e83d43b9576579493c0e939")) &&
		bytes.Equal(sealed[len(plaintext):], unhex("c0875924c1c7987947deafd8780acf49"))
}

// One call key from a caller to a callee and another one back.
func sessionWorks() bool {
	const callerJID, calleeJID = "111111111111111:1@lid", "222222222222222:2@lid"
	caller, err := signal.OpenStore("", nil, store.Options{Memory: true})
	if err != nil {
		return false
	}
	defer caller.Close()
	callee, err := signal.OpenStore("", nil, store.Options{Memory: true})
	if err != nil {
		return false
	}
	defer callee.Close()
	if _, err := signal.AddPrekeys(callee, 1); err != nil {
		return false
	}
	bundle, err := signal.TakeBundle(callee)
	if err != nil || signal.Begin(caller, signal.Address{Name: "222222222222222_1", Device: 2}, &bundle) != nil {
		return false
	}
	return delivered(caller, callee, calleeJID, callerJID) && delivered(callee, caller, callerJID, calleeJID)
}

func delivered(from, to *store.Store, toJID, fromJID string) bool {
	ciphertext, kind, _, err := offer.SealEnc(from, toJID, countingKey, -1)
	if err != nil {
		return false
	}
	var opened [callkey.Bytes]byte
	err = offer.OpenEnc(to, &opened, fromJID, kind, 2, ciphertext)
	return err == nil && bytes.Equal(opened[:], countingKey)
}
