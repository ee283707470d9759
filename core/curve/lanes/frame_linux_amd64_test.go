//go:build !race && !purego

package lanes

import (
	"encoding/binary"
	"testing"

	"libcallkey/core/secret/secrettest"
)

// If this failed, the ladder would leave its numbers below the stack of its caller. Multiply calls
// invert next, whose frame may or may not cover them.
func TestLadderClearsItsFrame(t *testing.T) {
	if !Available() {
		t.Skip("needs a processor with AVX-512 IFMA")
	}
	s := secrettest.NewSearch(t)
	if s == nil {
		return
	}
	var points [4]element
	var u element
	var scalars [4][Width]uint64
	ladder(&points, &u, &scalars) // a stack that grows leaves a copy, so it grows before

	limb := new([16]byte)
	copy(limb[:6], secrettest.Random(6))
	copy(limb[8:], limb[:8])
	s.For("the points", limb[:])
	for lane := range Width {
		u[0][lane] = binary.LittleEndian.Uint64(limb[:])
	}
	clear(limb[:])
	ladder(&points, &u, &scalars)
	clear(u[:])
	points = [4]element{}
	if left := s.Left(); left != nil {
		t.Errorf("left are %q", left)
	}
}

// If this failed, the points that private keys select would be left below the stack of MultiplyFixed.
func TestCombClearsItsFrame(t *testing.T) {
	if !Available() {
		t.Skip("needs a processor with AVX-512 IFMA")
	}
	s := secrettest.NewSearch(t)
	if s == nil {
		return
	}
	c := new(Comb)
	var points [4]element
	var digits [steps][2][Width]uint64
	comb(&points, &c.steps, &digits) // a stack that grows leaves a copy, so it grows before

	limb := new([16]byte)
	copy(limb[:6], secrettest.Random(6))
	copy(limb[8:], limb[:8])
	s.For("the selected point", limb[:])
	for step := range digits {
		for lane := range Width {
			digits[step][0][lane] = 3
			c.steps[step][2][2][0][lane] = binary.LittleEndian.Uint64(limb[:]) // 2dxy
		}
	}
	clear(limb[:])
	comb(&points, &c.steps, &digits)
	*c = Comb{}
	points = [4]element{}
	if left := s.Left(); left != nil {
		t.Errorf("left are %q", left)
	}
}
