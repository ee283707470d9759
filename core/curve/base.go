package curve

import (
	"encoding/binary"
	"sync"

	"filippo.io/edwards25519"
	fp "github.com/cloudflare/circl/math/fp25519"
)

// multiples are 1 to 8 times a point. Each coordinate stands for itself and in words, so that
// reading every entry takes few instructions.
type multiples struct{ sum, difference, product column }

type column [8][4]uint64

// baseMultiples are those of the base point times 256^i, computed at first use: 24 kB.
var (
	baseMultiples     [Bytes]multiples
	makeBaseMultiples = sync.OnceFunc(func() {
		var points [len(baseMultiples) * len(column{})]edwards25519.Point
		var all [len(points)]affine
		first := edwards25519.NewGeneratorPoint()
		for i := 0; i < len(points); i += len(column{}) {
			points[i].Set(first)
			for n := i + 1; n < i+len(column{}); n++ {
				points[n].Add(&points[n-1], first)
			}
			for range 8 {
				first.Add(first, first)
			}
		}
		affines(all[:], points[:])
		for i := range all {
			m, n := &baseMultiples[i/len(column{})], i%len(column{})
			m.sum.set(n, &all[i].sum)
			m.difference.set(n, &all[i].difference)
			m.product.set(n, &all[i].product)
		}
	})
)

func (c *column) set(n int, value *fp.Elt) {
	for i := range c[n] {
		c[n][i] = binary.LittleEndian.Uint64(value[8*i:])
	}
}

// at sets e to the coordinate of n times the point, and to zero, which is 0 or 1, if n is 0.
// Its time does not depend on n.
func (c *column) at(e *fp.Elt, n, zero uint64) {
	var w0, w1, w2, w3 uint64
	for i := range c {
		mask := uint64(int64((n^uint64(i+1))-1) >> 63) // all ones if n is i+1
		w0 |= mask & c[i][0]
		w1 |= mask & c[i][1]
		w2 |= mask & c[i][2]
		w3 |= mask & c[i][3]
	}
	binary.LittleEndian.PutUint64(e[0:], w0|zero)
	binary.LittleEndian.PutUint64(e[8:], w1)
	binary.LittleEndian.PutUint64(e[16:], w2)
	binary.LittleEndian.PutUint64(e[24:], w3)
}

// addTo adds digit times the point to p, in a time that does not depend on digit.
func (m *multiples) addTo(p *extended, digit int8) {
	negative := uint64(int64(digit) >> 63) // all ones
	n := (uint64(digit) ^ negative) - negative
	var q affine
	none := (n - 1) >> 63 // 1 if n is 0: the neutral element is (0, 1)
	m.sum.at(&q.sum, n, none)
	m.difference.at(&q.difference, n, none)
	m.product.at(&q.product, n, 0)
	p.add(&q, uint(negative&1))
}

// signedDigits returns the 64 digits of a scalar below 2²⁵⁵ to the base 16, the least first:
// -8 to 7, and 0 to 8 the last.
func signedDigits(scalar *[Bytes]byte) (digits [2 * Bytes]int8) {
	var carry int8
	for i := range digits {
		digit := int8(scalar[i/2]>>(4*(i%2))&15) + carry
		carry = 0
		if i < len(digits)-1 {
			carry = (digit + 8) >> 4
		}
		digits[i] = digit - carry<<4
	}
	return digits
}

// multiplyBase sets public to the u-coordinate of private, clamped, times the base point
// (RFC 7748 §5), in a time that does not depend on private.
//
// The product is not the neutral element, which has no u: a clamped scalar is a multiple of
// 8 and less than 8 times the order of the base point.
func multiplyBase(public, private *[Bytes]byte) {
	makeBaseMultiples()
	scalar := *private
	Clamp(&scalar)
	digits := signedDigits(&scalar)
	p := neutral
	for i := range baseMultiples {
		baseMultiples[i].addTo(&p, digits[2*i+1])
	}
	for range 4 {
		p.double(true)
	}
	for i := range baseMultiples {
		baseMultiples[i].addTo(&p, digits[2*i])
	}
	// u = (1+y)/(1-y)
	var u, below fp.Elt
	fp.Add(&u, &p.Z, &p.Y)
	fp.Sub(&below, &p.Z, &p.Y)
	fp.Inv(&below, &below)
	fp.Mul(&u, &u, &below)
	fp.Modp(&u)
	*public = u
}
