package curve_test

import (
	"bytes"
	"crypto/rand"
	"testing"

	"golang.org/x/crypto/curve25519"

	"libcallkey/core/curve"
)

// If this failed, our public keys would not be those of our private keys.
func TestPublicAsOthersComputeIt(t *testing.T) {
	check := func(private [curve.Bytes]byte) {
		t.Helper()
		var got, want [curve.Bytes]byte
		before := private
		curve.Public(&got, &private)
		if private != before {
			t.Fatalf("the private key %x was changed", before)
		}
		curve25519.ScalarBaseMult(&want, &private)
		if got != want {
			t.Fatalf("of %x it is %x, want %x", private, got, want)
		}
	}
	for b := range 256 { // among them every digit, and every carry
		check([curve.Bytes]byte(bytes.Repeat([]byte{byte(b)}, curve.Bytes)))
		for _, i := range []int{0, 1, 15, 30, 31} {
			var one [curve.Bytes]byte
			one[i] = byte(b)
			check(one)
		}
	}
	for range compared() {
		var private [curve.Bytes]byte
		rand.Read(private[:])
		check(private)
	}
}
