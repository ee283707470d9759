package curve

import (
	"encoding/binary"

	fp "github.com/cloudflare/circl/math/fp25519"
)

// multiples are 1 to 8 times a point. Each coordinate stands for itself and in words, so that
// reading every entry takes few instructions.
type multiples struct{ sum, difference, product column }

type column [8][4]uint64

// fillMultiples sets tables, whose number divides 64, to the multiples of point, of 2^apart
// times point, of 2^apart times that and so on, where apart is 256 divided by that number.
// room holds 8 points for each table. Its time depends on the point.
func fillMultiples(tables []multiples, room []extended, point *extended) {
	apart := 8 * Bytes / len(tables)
	first := *point
	for i := range tables {
		for n := 0; i > 0 && n < apart; n++ {
			first.double(n == apart-1)
		}
		points := room[8*i : 8*i+8]
		step := first.scaled()
		points[0] = first
		for n := range points[1:] {
			points[n+1] = points[n]
			points[n+1].addScaled(&step, 0)
		}
	}
	// The inverse of each Z follows from that of the product of all.
	product := fp.Elt{1}
	for i := range room {
		room[i].T = product
		fp.Mul(&product, &product, &room[i].Z)
	}
	fp.Inv(&product, &product)
	for i := len(room) - 1; i >= 0; i-- {
		p := &room[i]
		var inverse fp.Elt
		fp.Mul(&inverse, &product, &p.T)
		fp.Mul(&product, &product, &p.Z)
		fp.Mul(&p.X, &p.X, &inverse)
		fp.Mul(&p.Y, &p.Y, &inverse)
		fp.Mul(&p.T, &p.X, &p.Y)
		p.Z = fp.Elt{1}
		q := p.scaled()
		table, n := &tables[i/8], i%8
		table.sum.set(n, &q.sum)
		table.difference.set(n, &q.difference)
		table.product.set(n, &q.product)
	}
}

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

// multiply returns private, clamped (RFC 7748 §5), times the point that the tables were filled
// with, in a time that does not depend on private.
//
// It is not the neutral element unless the point is of low order: a clamped scalar is a
// multiple of 8 and less than 8 times the order of the base point.
func multiply(tables []multiples, private *[Bytes]byte) extended {
	scalar := *private
	Clamp(&scalar)
	digits := signedDigits(&scalar)
	each := len(digits) / len(tables)
	p := neutral
	for i := each - 1; i >= 0; i-- {
		if i < each-1 {
			for n := range 4 {
				p.double(n == 3)
			}
		}
		for j := range tables {
			tables[j].addTo(&p, digits[each*j+i])
		}
	}
	return p
}

// coordinates sets each u to that of its point, none of which is the neutral element, by one
// inversion. The points are lost.
func coordinates(u []*[Bytes]byte, points []extended) {
	product := fp.Elt{1}
	for i := range points {
		p := &points[i]
		p.T = product
		fp.AddSub(&p.Z, &p.Y) // u = (1+y)/(1-y) = (Z+Y)/(Z-Y)
		fp.Mul(&product, &product, &p.Y)
	}
	fp.Inv(&product, &product)
	for i := len(points) - 1; i >= 0; i-- {
		p := &points[i]
		fp.Mul(&p.T, &p.T, &product)
		fp.Mul(&product, &product, &p.Y)
		fp.Mul(&p.Z, &p.Z, &p.T)
		fp.Modp(&p.Z)
		*u[i] = p.Z
	}
}
