package curve_test

import (
	"bytes"
	"crypto/ecdh"
	"math/big"
	"slices"
	"testing"

	"libcallkey/core/curve"
	"libcallkey/core/status"
)

// If this failed, an imported key would give other secrets than it did elsewhere, or an
// imported record's key pair would not match.
func TestClamp(t *testing.T) {
	for _, fill := range []byte{0x00, 0xff, 0xa5, 0x5a} {
		key := [curve.Bytes]byte(bytes.Repeat([]byte{fill}, curve.Bytes))
		key[1], key[30] = fill^0x18, fill^0x18
		want := key
		want[0] &= 0b1111_1000
		want[31] = want[31]&0b0111_1111 | 0b0100_0000
		if curve.Clamp(&key); key != want {
			t.Errorf("%#x becomes %x, want %x", fill, key, want)
		}
	}
	for range 20 {
		private, _ := generate(t)
		clamped := private
		if curve.Clamp(&clamped); clamped != private {
			t.Errorf("a key that was made is not clamped: %x", private)
		}
	}
}

// Keys with the bits set that a scalar never has, too.
func TestPublic(t *testing.T) {
	for _, fill := range []byte{0x01, 0xff, 0xa5, 0x5a} {
		private := [curve.Bytes]byte(bytes.Repeat([]byte{fill}, curve.Bytes))
		key, err := ecdh.X25519().NewPrivateKey(private[:])
		if err != nil {
			t.Fatal(err)
		}
		var public [curve.Bytes]byte
		if curve.Public(&public, &private); !bytes.Equal(public[:], key.PublicKey().Bytes()) {
			t.Errorf("of %#x it is %x", fill, public)
		}
	}
}

// A prekey's signature covers the type byte and the key, and so do messages.
func TestTyped(t *testing.T) {
	_, public := generate(t)
	if got := curve.Typed(&public); got[0] != 5 || !bytes.Equal(got[1:], public[:]) {
		t.Errorf("%x becomes %x", public, got)
	}
}

// A second spelling of a key would be a second identity of one device.
func TestKeysThatAreNotReduced(t *testing.T) {
	p := prime()
	for range 50 {
		_, public := generate(t)
		backwards := slices.Clone(public[:])
		slices.Reverse(backwards)
		spelled := little(new(big.Int).Add(new(big.Int).SetBytes(backwards), p))
		if got := status.Of(curve.Validate(&spelled)); got != status.InvalidKey {
			t.Fatalf("%x, which is %x, is %s", spelled, public, got.Name())
		}
	}
}
