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
