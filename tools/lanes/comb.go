package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// comb emits the additions of a multiplication of one fixed point: in each lane the multiples of
// every eighth digit of the scalar, on the twisted Edwards curve -x² + y² = 1 + dx²y² (Hisil, Wong,
// Carter and Dawson, 2008; their formulas are complete). Every lane does the same: a digit only
// selects, by a mask, from entries that are all read.
func comb() {
	function("comb", "func(points *[4][5][8]uint64, table *[8][8][3][5][8]uint64, digits *[8][2][8]uint64)",
		"comb adds up multiples of a point, eight in each lane. table has for each of them 1 to 8 times the point: y+x, y-x and 2dxy. digits has which one, 0 to 8, and all ones where it is subtracted. points receives X, Y, Z and T.")
	table, digits := Load(Param("table"), GP64()), Load(Param("digits"), GP64())

	const (
		slots   = 13
		entries = 8
		parts   = 3 // of an entry
	)
	frame := AllocLocal(slots*size + laneBytes)
	base := GP64()
	LEAQ(frame.Offset(laneBytes-1), base)
	ANDQ(operand.I32(-laneBytes), base)
	var local [slots]slot
	for i := range local {
		local[i].at = operand.Mem{Base: base, Disp: size * i}
	}
	x, y, z, t := &local[0], &local[1], &local[2], &local[3]
	sum, difference, product := &local[4], &local[5], &local[6]
	a, c, e, f, g, h := &local[7], &local[8], &local[9], &local[10], &local[11], &local[12]

	k := newConstants()
	m := newMultiple()
	one := constant(1)
	numberOne := func() element {
		r := element{zero(), zero(), zero(), zero(), zero()}
		r[0].add(one)
		return r
	}
	x.store(element{zero(), zero(), zero(), zero(), zero()})
	y.store(numberOne())
	z.store(numberOne())
	t.store(element{zero(), zero(), zero(), zero(), zero()})
	here, negative := reg.K1, reg.K2
	step := GP64()
	MOVQ(operand.U32(8), step)

	// What holds before each step, and after it again.
	for _, s := range []*slot{x, y, z, t} {
		s.within("the start", &weak)
		s.element = weak
	}
	Label("step")
	magnitude := limb{reg: take(), max: entries}
	VMOVDQU64(operand.Mem{Base: digits}, magnitude.reg)
	none := zero()
	VPCMPEQQ(none.reg, magnitude.reg, here)
	none.putBack()
	var selected [parts]element
	for part := range selected {
		selected[part] = element{zero(), zero(), zero(), zero(), zero()}
		if part < 2 { // of the neutral element (0, 1)
			with := pick(selected[part][0], one.reg, one, here)
			selected[part][0].putBack()
			selected[part][0] = with
		}
	}
	number := zero()
	for entry := range entries {
		number.add(one)
		VPCMPEQQ(number.reg, magnitude.reg, here)
		for part := range selected {
			in := slot{operand.Mem{Base: table, Disp: size * (parts*entry + part)}, reduced}
			for i := range selected[part] {
				with := pick(selected[part][i], in.limb(i), in.element[i], here)
				selected[part][i].putBack()
				selected[part][i] = with
			}
		}
	}
	number.putBack()
	magnitude.putBack()
	sign := take()
	VMOVDQU64(operand.Mem{Base: digits, Disp: laneBytes}, sign)
	VPTESTMQ(sign, sign, negative)
	putBack(sign)
	product.store(selected[2])
	// The negative of (x, y) is (-x, y).
	exchange(&selected[0], &selected[1], negative)
	sum.store(selected[0])
	difference.store(selected[1])

	ready := func(r element) element {
		k.carry(&r)
		return r
	}
	c.store(k.multiply(ready(t.load()), product))
	more, less := addSubtract(y.load(), x.load(), m)
	a.store(k.multiply(ready(less), difference))
	b := k.multiply(ready(more), sum)
	more, less = addSubtract(b, a.load(), m)
	h.store(ready(more))
	e.store(ready(less))
	twice := z.load()
	for i := range twice {
		twice[i].double()
	}
	more, less = addSubtract(twice, c.load(), m)
	exchange(&more, &less, negative) // the product has the sign of x
	g.store(ready(more))
	f.store(ready(less))
	t.store(k.multiply(e.load(), h))
	x.store(k.multiply(e.load(), f))
	y.store(k.multiply(g.load(), h))
	z.store(k.multiply(g.load(), f))
	for _, s := range []*slot{x, y, z, t} {
		s.within("a step", &weak)
	}
	ADDQ(operand.I32(entries*parts*size), table)
	ADDQ(operand.I32(2*laneBytes), digits)
	SUBQ(operand.I8(1), step)
	JNE(operand.LabelRef("step"))

	points := Load(Param("points"), GP64())
	for i, s := range []*slot{x, y, z, t} {
		result := slot{at: operand.Mem{Base: points, Disp: size * i}}
		result.store(ready(s.load()))
	}
	end(operand.Mem{Base: base}, slots*size)
}

// exchange exchanges two elements in the lanes of k.
func exchange(a, b *element, k reg.OpmaskPhysical) {
	for i := range a {
		x, y := pick(a[i], b[i].reg, b[i], k), pick(b[i], a[i].reg, a[i], k)
		a[i].putBack()
		b[i].putBack()
		a[i], b[i] = x, y
	}
}
