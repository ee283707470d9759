package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// ladder emits eight Montgomery ladders (RFC 7748 §5, with 486662 = 4 a24 - 2 as there). Every
// lane does the same: a bit of a scalar only selects, by a mask.
func ladder() {
	function("ladder", "func(points *[4][5][8]uint64, u *[5][8]uint64, scalars *[4][8]uint64)",
		"ladder multiplies eight points by scalars of 255 bits. points receives x2, z2, x3 and z3: x2/z2 is the product, x3/z3 that of the scalar plus one.")
	scalars := Load(Param("scalars"), GP64())
	u := parameter("u", &reduced)

	const slots = 9
	frame := AllocLocal(slots*size + laneBytes)
	base := GP64()
	LEAQ(frame.Offset(laneBytes-1), base)
	ANDQ(operand.I32(-laneBytes), base)
	var local [slots]slot
	for i := range local {
		local[i].at = operand.Mem{Base: base, Disp: size * i}
	}
	x1, x2, z2, x3, z3 := &local[0], &local[1], &local[2], &local[3], &local[4]
	sum2, difference2, sum3, difference3 := &local[5], &local[6], &local[7], &local[8]

	k := newConstants()
	x1.store(u.load())
	x2.store(element{constant(1), zero(), zero(), zero(), zero()})
	z2.store(element{zero(), zero(), zero(), zero(), zero()})
	x3.store(u.load())
	z3.store(element{constant(1), zero(), zero(), zero(), zero()})

	a24 := constant(121665)
	m := newMultiple()
	bit := constant(1 << 62)
	swap, last, now := reg.K1, reg.K2, reg.K3
	KXORW(last, last, last)
	step, word := GP64(), GP64()
	MOVQ(operand.U32(254), step)

	// What holds before each step, and after it again.
	for _, s := range []*slot{x2, z2, x3, z3} {
		s.within("the ladder's start", &weak)
		s.element = weak
	}
	Label("step")
	// The word of bit number step: 64 bytes for each, which is step/64*64.
	MOVQ(step, word)
	ANDQ(operand.I8(-64), word)
	VPTESTMQ(operand.Mem{Base: scalars, Index: word, Scale: 1}, bit.reg, now)
	VPRORQ(operand.U8(1), bit.reg, bit.reg)
	KXORW(last, now, swap)
	KMOVW(now, last)

	a, b := addSubtract(x2.load(), z2.load(), m)
	k.carry(&a)
	k.carry(&b)
	sum2.store(a)
	difference2.store(b)
	c, d := addSubtract(x3.load(), z3.load(), m)
	k.carry(&c)
	k.carry(&d)
	sum3.store(c)
	difference3.store(d)
	// The two points are not swapped: the differential addition is the same for both orders up to
	// a sign, which its squares drop. Only the doubling chooses its point.
	x2.store(k.square(choose(sum2, sum3, swap)))
	z2.store(k.square(choose(difference2, difference3, swap)))
	z3.store(k.multiply(sum3.load(), difference2))
	da := k.multiply(difference3.load(), sum2)
	e := subtract(x2.load(), z2.load(), m)
	k.carry(&e)
	sum3.store(e)
	f, g := addSubtract(da, z3.load(), m)
	k.carry(&f)
	k.carry(&g)
	z3.store(g)
	x3.store(k.square(f))
	z3.store(k.square(z3.load()))

	// aa + a24 e
	e, aa := sum3.load(), x2.load()
	top := zero()
	top.addHigh(e[limbs-1], a24)
	for i := range e {
		aa[i].addLow(e[i], a24)
	}
	for i := range limbs - 1 {
		aa[i+1].addHigh(e[i], a24)
	}
	aa[0].addAll(top, k.c608)
	top.putBack()
	e.putBack()
	k.carry(&aa)
	bb := z2.load()
	k.carry(&bb)
	difference2.store(bb)
	z2.store(k.multiply(aa, sum3))
	aa = x2.load()
	k.carry(&aa)
	x2.store(k.multiply(aa, difference2))
	g = z3.load()
	k.carry(&g)
	z3.store(k.multiply(g, x1))
	for _, s := range []*slot{x2, z2, x3, z3} {
		s.within("the ladder's step", &weak)
	}
	SUBQ(operand.I8(1), step)
	JCC(operand.LabelRef("step"))

	points := Load(Param("points"), GP64())
	for i, pair := range [][2]*slot{{x2, x3}, {z2, z3}, {x3, x2}, {z3, z2}} {
		r := choose(pair[0], pair[1], last)
		k.carry(&r)
		result := slot{at: operand.Mem{Base: points, Disp: size * i}}
		result.store(r)
	}
	end(operand.Mem{Base: base}, slots*size)
}
