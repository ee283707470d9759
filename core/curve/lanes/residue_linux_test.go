// The race detector has a shadow of the memory that is too large to search.
//go:build !race

package lanes_test

import (
	"testing"

	"libcallkey/core/curve/lanes"
	"libcallkey/core/secret/secrettest"
)

// If this failed, private keys would stay in memory where nothing else clears it. The arrays have
// a limb of each lane beside the next, so what repeats in a number is found there.
func TestNothingIsLeft(t *testing.T) {
	needLanes(t)
	s := secrettest.NewSearch(t)
	if s == nil {
		return
	}
	// A stack that grows leaves a copy, which is secret.Do's to prevent: so it grows before.
	zero := new([32]byte)
	var grow [lanes.Width + 1]lanes.Job
	for i := range grow {
		grow[i] = lanes.Job{Scalar: zero, U: zero, X: new([32]byte)}
	}
	lanes.Multiply(grow[:])

	scalar, u, limb := new([32]byte), new([32]byte), new([16]byte)
	copy(scalar[:], secrettest.Random(8))
	scalar[0] &= 0xf8
	scalar[7] = scalar[7]&0x3f | 0x40
	for i := 8; i < 32; i += 8 {
		copy(scalar[i:], scalar[:8])
	}
	copy(u[:], secrettest.Random(6)) // its first limb; the second is 0
	copy(limb[:], u[:])
	copy(limb[8:], u[:8])
	s.For("the scalars", scalar[:])
	s.For("the points", limb[:])
	clear(limb[:])

	shared := new([2 * lanes.Width][32]byte)
	var jobs [2 * lanes.Width]lanes.Job
	for i := range jobs {
		jobs[i] = lanes.Job{Scalar: scalar, Clamp: true, U: u, X: &shared[i]}
	}
	lanes.Multiply(jobs[:])
	s.For("the shared secret", shared[0][:])
	clear(scalar[:])
	clear(u[:])
	clear(shared[:])
	if left := s.Left(); left != nil {
		t.Errorf("left are %q", left)
	}
}

// If this failed, the digits of a private key would stay in memory where nothing else clears them.
func TestNoDigitsAreLeft(t *testing.T) {
	needLanes(t)
	s := secrettest.NewSearch(t)
	if s == nil {
		return
	}
	c := new(lanes.Comb)
	var points [lanes.Width]lanes.Point
	digits := new([64]int8)
	c.MultiplyFixed(&points, digits) // a stack that grows leaves a copy, so it grows before

	// As MultiplyFixed has them: those of a step in 8 bytes each, and then their signs.
	spread := new([2 * 64 * 8]byte)
	for i, b := range secrettest.Random(len(digits)) {
		digits[i] = int8(b&15) - 8
		at := i/lanes.Width*128 + i%lanes.Width*8
		if spread[at] = byte(digits[i]); digits[i] < 0 {
			spread[at] = byte(-digits[i])
			for n := range 8 {
				spread[at+64+n] = 0xff
			}
		}
	}
	s.For("the digits", spread[:])
	clear(spread[:])
	c.MultiplyFixed(&points, digits)
	clear(digits[:])
	if left := s.Left(); left != nil {
		t.Errorf("left are %q", left)
	}
}
