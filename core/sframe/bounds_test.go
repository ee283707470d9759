package sframe

import (
	"testing"

	"libcallkey/core/status"
)

// Both sides of a call must take frames of the same length.
func TestLongestPayload(t *testing.T) {
	if MaxPayloadBytes != 16<<20 {
		t.Errorf("it is %d bytes, not the 16 MiB of the contract", MaxPayloadBytes)
	}
}

// A trailer that ends within or after its first number has no key id: not key id 0.
func TestTrailerWithoutKeyID(t *testing.T) {
	for _, trailer := range [][]byte{
		{0x85, 0x01, 3},       // one number of two bytes
		{0x85, 0x80, 0x01, 4}, // of three
		{0x05, 0x85, 3},       // a key id that goes on
		{0x85, 0x85, 3},
	} {
		frame := append(make([]byte, 40), trailer...)
		if _, _, _, err := splitTrailer(frame); status.Of(err) != status.Malformed {
			t.Errorf("%x: %v", trailer, err)
		}
	}
}
