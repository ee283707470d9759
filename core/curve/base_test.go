package curve

import (
	"testing"

	"libcallkey/tests/ctime"
)

// The base point's multiples 0 to 8 and their negatives, each with each.
func TestAdditionsAreComplete(t *testing.T) {
	makeBaseMultiples()
	sum := func(a, b int8) [Bytes]byte {
		p := neutral
		baseMultiples[0].addTo(&p, a)
		baseMultiples[0].addTo(&p, b)
		return p.encode()
	}
	double := func(a int8) [Bytes]byte {
		p := neutral
		baseMultiples[0].addTo(&p, a)
		p.double(true)
		return p.encode()
	}
	seen := map[[Bytes]byte]int8{}
	for a := int8(-8); a <= 8; a++ {
		if got, want := double(a), sum(a, a); got != want {
			t.Errorf("twice %d is %x, want %x", a, got, want)
		}
		for b := int8(-8); b <= 8; b++ {
			if first, known := seen[sum(a, b)]; known && first != a+b {
				t.Errorf("%d and %d have one sum", first, a+b)
			}
			seen[sum(a, b)] = a + b
		}
	}
	if len(seen) != 33 || sum(8, -8) != [Bytes]byte{1} {
		t.Errorf("%d sums, want 33 from -16 to 16", len(seen))
	}
}

// Would the time tell how much of a private key is zero? One digit of it is not, because of
// clamping.
func BenchmarkTimingPublic(b *testing.B) {
	var private, public [Bytes]byte
	ctime.Compare(b, Bytes, 1, func(input []byte) { clear(input) }, ctime.Noise, func(input []byte) {
		private = [Bytes]byte(input)
		multiplyBase(&public, &private)
	})
}

// If this failed, a session would be imported that seals what the peer cannot open, or an honest
// one would be rejected.
func TestIsPublic(t *testing.T) {
	for range 50 {
		var private, public [Bytes]byte
		Generate(&private, &public)
		if !IsPublic(&public, &private) {
			t.Fatalf("%x is not the public key of %x", public, private)
		}
		unclamped := private
		unclamped[0] |= 7
		unclamped[31] ^= 0xc0
		if !IsPublic(&public, &unclamped) {
			t.Fatalf("%x is not the public key of %x, which is clamped", public, unclamped)
		}
		for bit := range 8 * Bytes {
			other := public
			if other[bit/8] ^= 1 << (bit % 8); IsPublic(&other, &private) {
				t.Fatalf("%x with bit %d changed is the public key too", public, bit)
			}
		}
	}
	// Coordinates of points of low order, and ones that are not reduced.
	private := [Bytes]byte{1}
	for _, public := range [][Bytes]byte{{}, {1}, {0xed, 31: 0x7f}, {0xf6, 31: 0x7f}, {0xee, 31: 0x7f}} {
		for i := 1; i < Bytes-1 && public[0] > 0x80; i++ {
			public[i] = 0xff
		}
		if IsPublic(&public, &private) {
			t.Errorf("%x is a public key", public)
		}
	}
}
