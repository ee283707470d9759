package curve

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"libcallkey/core/curve/lanes"
)

// If this failed, a key pair that is made or checked in lanes would not be one.
func TestMultiplesOfBaseInLanes(t *testing.T) {
	if !lanes.Available() {
		t.Skip("needs a processor with AVX-512 IFMA")
	}
	makeBaseMultiples()
	same := func(private [Bytes]byte) {
		t.Helper()
		before := private
		got, want := multipleOfBase(&private), multiply(baseMultiples[:], &private)
		if got.encode() != want.encode() || private != before {
			t.Fatalf("%x", before)
		}
	}
	for b := range 256 { // among them every digit in every place, and every carry
		same([Bytes]byte(bytes.Repeat([]byte{byte(b)}, Bytes)))
		for i := range Bytes {
			var one [Bytes]byte
			one[i] = byte(b)
			same(one)
		}
	}
	random := rand.NewChaCha8([32]byte{1})
	for range 20_000 {
		var private [Bytes]byte
		random.Read(private[:])
		same(private)
	}
}

// Digits that no scalar has together, in all places: among them the neutral element and points that
// are added to themselves and to their negatives, for which the formulas make no exception.
func TestDigitsInLanes(t *testing.T) {
	if !lanes.Available() {
		t.Skip("needs a processor with AVX-512 IFMA")
	}
	makeBaseComb()
	makeBaseMultiples()
	same := func(digits [2 * Bytes]int8) {
		t.Helper()
		var points [lanes.Width]lanes.Point
		baseComb.MultiplyFixed(&points, &digits)
		got, want := sumOf(&points), neutral
		for i := len(digits) - 1; i >= 0; i-- {
			for n := range 4 {
				want.double(n == 3)
			}
			baseMultiples[0].addTo(&want, digits[i])
		}
		if got.encode() != want.encode() {
			t.Fatalf("%d", digits)
		}
	}
	for digit := int8(-8); digit <= 8; digit++ {
		var all [2 * Bytes]int8
		for i := range all {
			var one [2 * Bytes]int8
			one[i], all[i] = digit, digit
			same(one)
			if i > 0 { // 16 times the digit before is this one, or its negative
				one[i-1] = 8
				same(one)
			}
		}
		same(all)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var digits [2 * Bytes]int8
		for i := range digits {
			digits[i] = int8(random.IntN(17) - 8)
		}
		same(digits)
	}
}
