package main

import (
	"fmt"
	"math/big"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const (
	limbs     = 5
	laneBytes = 64 // one limb of eight numbers
	size      = limbs * laneBytes
)

// An element holds eight numbers modulo p = 2^255 - 19 in five limbs: the sum of limb i times
// 2^(52i).
type element [limbs]limb

// A slot is an element in memory. Its limbs have no registers.
type slot struct {
	at operand.Mem
	element
}

func (s *slot) limb(i int) operand.Mem { return s.at.Offset(laneBytes * i) }

// Bounds that hold between functions and between the steps of the ladder.
var (
	// ready: what carry makes and what products take. The high bits of the first four limbs
	// were carried on.
	ready = element{{max: 1<<63 - 1, low: true}, {max: 1<<63 - 1, low: true}, {max: 1<<63 - 1, low: true}, {max: 1<<63 - 1, low: true}, {max: 1<<47 + 1<<8}}
	// reduced: five limbs of a number below 2^255, as the caller splits its bytes.
	reduced = element{{max: mask52}, {max: mask52}, {max: mask52}, {max: mask52}, {max: 1<<47 - 1}}
	// weak: what a product is before carry. Sums and differences take it.
	weak = element{{max: multiple[0]}, {max: multiple[1]}, {max: multiple[2]}, {max: multiple[3]}, {max: multiple[4]}}
)

// multiple is a multiple of p with limbs that are larger than those of any product. Added before
// a subtraction, it keeps each limb positive.
var multiple = [limbs]uint64{0x20fffffffffb3ed, 0x20fffffffffffdf, 0x20fffffffffffdf, 0x20fffffffffffdf, 0x2007fffffffffdf}

// within panics unless every bound of e is one of the bounds.
func (e *element) within(what string, bounds *element) {
	for i, l := range e {
		if l.max > bounds[i].max || l.low && !bounds[i].low || bounds[i].low && !l.low && l.max > mask52 {
			panic(fmt.Sprintf("limb %d of %s is up to %#x, not %#x", i, what, l.max, bounds[i].max))
		}
	}
}

// constants are the registers with the numbers that reductions need.
type constants struct {
	c19, c608 limb // 2^255 and 2^260 modulo p
	mask47    limb // of the top limb: the number is below 2^255
}

func newConstants() *constants {
	return &constants{constant(19), constant(19 << 5), constant(1<<47 - 1)}
}

// newMultiple puts multiple into registers; three limbs of it are equal and share one.
func newMultiple() (m element) {
	p, value := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19)), new(big.Int)
	for i, n := range multiple {
		value.Add(value, new(big.Int).Lsh(new(big.Int).SetUint64(n), uint(limbBits*i)))
	}
	if value.Mod(value, p).Sign() != 0 || multiple[1] != multiple[2] || multiple[2] != multiple[3] {
		panic("multiple is none of p")
	}
	m[0], m[1], m[4] = constant(multiple[0]), constant(multiple[1]), constant(multiple[4])
	m[2], m[3] = m[1], m[1]
	return m
}

func (e *element) putBack() {
	for _, l := range e {
		l.putBack()
	}
}

// load loads s; its bounds are those of what was stored last.
func (s *slot) load() (e element) {
	for i := range e {
		e[i] = s.element[i]
		e[i].reg = take()
		build.VMOVDQU64(s.limb(i), e[i].reg)
	}
	return e
}

// store stores e and puts its registers back.
func (s *slot) store(e element) {
	for i, l := range e {
		build.VMOVDQU64(l.reg, s.limb(i))
		s.element[i] = limb{max: l.max, low: l.low}
	}
	e.putBack()
}

func columns() (c [2 * limbs]limb) {
	for i := range c {
		c[i] = zero()
	}
	return c
}

// reduce adds the upper five columns of a product, of weight 2^260 and more, to the lower five.
func (k *constants) reduce(c [2 * limbs]limb) (r element) {
	for i := range limbs - 1 {
		upper := &c[limbs+i]
		above := upper.from(limbBits)
		upper.low = true
		c[i].addLow(*upper, k.c608)
		c[i+1].addHigh(*upper, k.c608)
		c[i+1].addAll(above, k.c608)
		above.putBack()
		upper.putBack()
	}
	last := c[2*limbs-1]
	c[limbs-1].addAll(last, k.c608)
	last.putBack()
	copy(r[:], c[:limbs])
	r.within("a product", &weak)
	return r
}

// multiply returns the product of two ready elements, and puts back the registers of a.
func (k *constants) multiply(a element, b *slot) element {
	c := columns()
	for j := range limbs {
		f := b.element[j]
		f.reg = take()
		build.VMOVDQU64(b.limb(j), f.reg)
		for i := range a {
			c[i+j].addLow(f, a[i])
			c[i+j+1].addHigh(f, a[i])
		}
		f.putBack()
	}
	a.putBack()
	return k.reduce(c)
}

// square returns the square of a ready element, and puts back its registers.
func (k *constants) square(a element) element {
	c := columns()
	for i := range limbs {
		for j := i + 1; j < limbs; j++ {
			c[i+j].addLow(a[j], a[i])
			c[i+j+1].addHigh(a[j], a[i])
		}
	}
	for i := 1; i < 2*limbs-1; i++ {
		c[i].double()
	}
	for i := range limbs {
		c[2*i].addLow(a[i], a[i])
		c[2*i+1].addHigh(a[i], a[i])
	}
	a.putBack()
	return k.reduce(c)
}

// carry makes e ready.
func (k *constants) carry(e *element) {
	top := &e[limbs-1]
	above := top.from(47)
	top.keep(k.mask47)
	e[0].addAll(above, k.c19)
	above.putBack()
	for i := range limbs - 1 {
		e[i].carry(&e[i+1])
	}
	e.within("a carried element", &ready)
}

// addSubtract returns a + b and a - b of weak elements, and puts back the registers of both.
func addSubtract(a, b, multiple element) (s, d element) {
	for i := range a {
		s[i], d[i] = plus(a[i], b[i]), minus(a[i], b[i], multiple[i])
	}
	a.putBack()
	b.putBack()
	return s, d
}

// subtract returns a - b of weak elements, and puts back the registers of both.
func subtract(a, b, multiple element) (d element) {
	for i := range a {
		d[i] = minus(a[i], b[i], multiple[i])
	}
	a.putBack()
	b.putBack()
	return d
}

// choose loads a, and b in the lanes of k.
func choose(a, b *slot, k reg.OpmaskPhysical) (r element) {
	loaded := a.load()
	for i := range r {
		r[i] = pick(loaded[i], b.limb(i), b.element[i], k)
	}
	loaded.putBack()
	return r
}
