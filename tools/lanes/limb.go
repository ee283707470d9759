package main

import (
	"fmt"
	"math/bits"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A limb is a vector register with one limb of eight numbers, and what is known of it. Each
// operation emits its instruction and computes the bound of its result from those of its
// operands. It panics if a sum could exceed 64 bits or a factor 52, so assembly that is
// written at all has no overflow: the bounds hold for every input.
type limb struct {
	reg reg.VecPhysical
	max uint64 // no lane holds more
	// low: only the low 52 bits count, because the rest was carried to the next limb. IFMA
	// reads no others. Such a limb may be multiplied and masked, not added or shifted.
	low bool
}

const (
	limbBits = 52
	mask52   = 1<<limbBits - 1
)

func sum(a, b uint64) uint64 {
	s, carry := bits.Add64(a, b, 0)
	if carry != 0 {
		panic(fmt.Sprintf("a sum of %#x and %#x exceeds 64 bits", a, b))
	}
	return s
}

// whole returns the bound of a limb that counts with all its bits.
func (l limb) whole() uint64 {
	if l.low {
		panic("the high bits of a limb would count twice")
	}
	return l.max
}

// factor returns the bound of what IFMA reads of a limb.
func (l limb) factor() uint64 {
	if l.low {
		return min(l.max, mask52)
	}
	if l.max > mask52 {
		panic(fmt.Sprintf("a factor of up to %#x has more than 52 bits", l.max))
	}
	return l.max
}

func product(a, b limb) (high, low uint64) {
	h, l := bits.Mul64(a.factor(), b.factor())
	high = h<<(64-limbBits) | l>>limbBits
	if high == 0 {
		return 0, l
	}
	return high, mask52
}

func zero() limb {
	r := take()
	build.VPXORQ(r, r, r)
	return limb{reg: r}
}

// constant puts a number into all lanes.
func constant(n uint64) limb {
	g, r := build.GP64(), take()
	build.MOVQ(operand.U64(n), g)
	build.VPBROADCASTQ(g, r)
	return limb{reg: r, max: n}
}

func (l limb) putBack() { putBack(l.reg) }

// add adds o to l.
func (l *limb) add(o limb) {
	l.max = sum(l.whole(), o.whole())
	build.VPADDQ(o.reg, l.reg, l.reg)
}

// plus returns a + b.
func plus(a, b limb) limb {
	s := limb{reg: take(), max: sum(a.whole(), b.whole())}
	build.VPADDQ(a.reg, b.reg, s.reg)
	return s
}

// minus returns a + multiple - b, where multiple is a limb of a multiple of p: exactly that
// number, and at least b.
func minus(a, b, multiple limb) limb {
	if b.whole() > multiple.max {
		panic(fmt.Sprintf("a difference could be negative: %#x is taken from %#x", b.max, multiple.max))
	}
	d := limb{reg: take(), max: sum(a.whole(), multiple.max)}
	build.VPADDQ(a.reg, multiple.reg, d.reg)
	build.VPSUBQ(b.reg, d.reg, d.reg)
	return d
}

// addLow adds the low 52 bits of the product of a and b.
func (l *limb) addLow(a, b limb) {
	_, low := product(a, b)
	l.max = sum(l.whole(), low)
	build.VPMADD52LUQ(a.reg, b.reg, l.reg)
}

// addHigh adds the product of a and b without its low 52 bits.
func (l *limb) addHigh(a, b limb) {
	high, _ := product(a, b)
	l.max = sum(l.whole(), high)
	build.VPMADD52HUQ(a.reg, b.reg, l.reg)
}

// addAll adds the product of a and b, which must have no more than 52 bits.
func (l *limb) addAll(a, b limb) {
	if high, _ := product(a, b); high != 0 {
		panic("the high half of a product is lost")
	}
	l.addLow(a, b)
}

// double adds l to itself.
func (l *limb) double() { l.add(*l) }

// from returns the bits of l above the first n.
func (l limb) from(n int) limb {
	r := limb{reg: take(), max: l.whole() >> n}
	build.VPSRLQ(operand.U8(n), l.reg, r.reg)
	return r
}

// carry moves what l has above 52 bits to next, the limb after it.
func (l *limb) carry(next *limb) {
	above := l.from(limbBits)
	next.add(above)
	above.putBack()
	l.low = true
}

// keep drops all but the bits of mask, which the caller has carried on.
func (l *limb) keep(mask limb) {
	l.max = min(l.max, mask.max)
	build.VPANDQ(mask.reg, l.reg, l.reg)
}

// pick returns a, and b in the lanes of k.
func pick(a limb, b operand.Op, like limb, k reg.OpmaskPhysical) limb {
	if a.low != like.low {
		panic("one of two limbs was carried, the other not")
	}
	r := limb{reg: take(), max: max(a.max, like.max), low: a.low}
	build.VPBLENDMQ(b, a.reg, k, r.reg)
	return r
}
