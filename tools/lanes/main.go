// Lanes writes the assembly of core/curve/lanes: eight ladders of X25519 at once, and the additions
// of a multiplication of the base point, with the instructions AVX-512 IFMA, which multiply numbers
// of 52 bits in eight lanes. While it writes, it proves that no number exceeds its register: see
// limb.go.
//
// `make generate` starts it in core/curve/lanes, with the names of the files to write.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

func main() {
	ConstraintExpr("amd64,!purego")
	ladder()
	comb()
	square()
	multiply()
	Generate()
}

// parameter is an element that the caller passes a pointer to, within the bounds.
func parameter(name string, bounds *element) *slot {
	return &slot{operand.Mem{Base: Load(Param(name), GP64())}, *bounds}
}

func square() {
	function("square", "func(r, a *[5][8]uint64, n uint64)",
		"square sets r to a squared n times, n > 0.")
	r, a := parameter("r", &ready), parameter("a", &ready)
	n := Load(Param("n"), GP64())
	k := newConstants()
	x := a.load()
	Label("again")
	y := x
	for i := range x {
		// Every time round in the same registers, within the same bounds.
		y[i] = limb{take(), ready[i].max, ready[i].low}
		VMOVDQA64(x[i].reg, y[i].reg)
	}
	y = k.square(y)
	k.carry(&y)
	for i := range x {
		VMOVDQA64(y[i].reg, x[i].reg)
		x[i].max, x[i].low = y[i].max, y[i].low
	}
	y.putBack()
	x.within("a square", &ready)
	SUBQ(operand.I8(1), n)
	JNE(operand.LabelRef("again"))
	r.store(x)
	end(operand.Mem{}, 0)
}

func multiply() {
	function("multiply", "func(r, a, b *[5][8]uint64)",
		"multiply sets r to the product of a and b.")
	r, a, b := parameter("r", &ready), parameter("a", &ready), parameter("b", &ready)
	k := newConstants()
	p := k.multiply(a.load(), b)
	k.carry(&p)
	r.store(p)
	end(operand.Mem{}, 0)
}
