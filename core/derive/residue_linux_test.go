// The race detector has a shadow of the memory that is too large to search.
//go:build !race

package derive

import (
	"encoding/base64"
	"slices"
	"testing"

	"libcallkey/core/secret/secrettest"
)

// padded is a key as the inner pad of an HMAC has it.
func padded(key []byte) []byte {
	p := slices.Clone(key)
	for i := range p {
		p[i] ^= 0x36
	}
	return p
}

// If this failed, the key that authenticates a participant's packets would stay in memory after
// each packet, to find its sender.
func TestNothingIsLeftOfPacketKeys(t *testing.T) {
	s := secrettest.NewSearch(t)
	if s == nil {
		return
	}
	key := secrettest.Random(32)
	const participant = "222222222222222:0@lid"
	keys, warp := new(SRTPKeys), new([32]byte)
	if err := E2EKeys(keys, key, participant); err != nil {
		t.Fatal(err)
	}
	if err := WARPAuthKey(warp, key); err != nil {
		t.Fatal(err)
	}
	packet := append([]byte{0x80}, make([]byte, 50)...)
	if _, err := SelectParticipant(key, []string{participant}, packet, 0, 4); err == nil {
		t.Error("zeros authenticate")
	}
	var tag [4]byte
	if err := WARPTag(&tag, warp[:], packet, 0); err != nil {
		t.Fatal(err)
	}
	for name, one := range map[string][]byte{"the call key": key, "the SRTP authentication key": keys.SRTPAuthKey[:], "the WARP authentication key": warp[:]} {
		pad := padded(one)
		s.For(name, one, pad)
		clear(pad)
	}
	clear(key)
	clear(warp[:])
	*keys = SRTPKeys{}
	if left := s.Left(); left != nil {
		t.Errorf("left are %q", left)
	}
}

// If this failed, a raw_e2e would stay in memory as the text that it came in.
func TestNothingIsLeftOfRawE2E(t *testing.T) {
	s := secrettest.NewSearch(t)
	if s == nil {
		return
	}
	secretBytes := secrettest.Random(96)
	for name, n := range map[string]int{"a long one": 96, "a short one": 28} {
		text := make([]byte, base64.StdEncoding.EncodedLen(n))
		base64.StdEncoding.Encode(text, secretBytes[:n])
		// Decoding writes over the front of the text.
		s.For(name, text[n:], secretBytes[:n])
		decoded, err := DecodeRawE2E(text)
		if (err == nil) != (n >= 32) {
			t.Fatalf("%s: %v", name, err)
		}
		clear(decoded)
		clear(text)
	}
	clear(secretBytes)
	if left := s.Left(); left != nil {
		t.Errorf("left is something of %q", left)
	}
}
