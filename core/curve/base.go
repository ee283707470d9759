package curve

import (
	"sync"

	"filippo.io/edwards25519/field"
	fp "github.com/cloudflare/circl/math/fp25519"

	"libcallkey/core/curve/lanes"
)

// baseMultiples are those of the base point, computed at first use: 24 kB.
var (
	baseMultiples     [Bytes]multiples
	makeBaseMultiples = sync.OnceFunc(fillBaseMultiples)
)

func fillBaseMultiples() {
	// The compiler would put a room of constant size on the stack, which would grow: perhaps
	// with secrets on it, of the work that needs the first public key.
	tables := baseMultiples[:]
	room := make([]extended, 8*len(tables))
	base := generator()
	fillMultiples(tables, room, &base)
}

// generator is the point with u = 9 and an even x (RFC 7748 §4.1, RFC 8032 §5.1).
func generator() extended {
	var x, y, u field.Element
	edwardsPoint(&x, &y, u.Mult32(&one, 9), 0)
	return fromAffine(&x, &y)
}

// baseComb has other multiples of the base point, for lanes, computed at first use: 60 kB.
var (
	baseComb     lanes.Comb
	makeBaseComb = sync.OnceFunc(fillBaseComb)
)

func fillBaseComb() {
	// One table for each digit. Their sizes are no constants, for the reason above.
	digits := 2 * len(baseMultiples[:])
	tables, room := make([]multiples, digits), make([]extended, 8*digits)
	base := generator()
	fillMultiples(tables, room, &base)
	for digit := range tables {
		t := &tables[digit]
		for n := range 8 {
			var parts [3][Bytes]byte
			for i, c := range []*column{&t.sum, &t.difference, &t.product} {
				var e fp.Elt
				c.at(&e, uint64(n+1), 0)
				fp.Modp(&e)
				parts[i] = e
			}
			baseComb.Set(digit, n+1, &parts)
		}
	}
}

// multipleOfBase returns private, clamped (RFC 7748 §5), times the base point, in a time that does
// not depend on private. In lanes it takes less than half of the time: 8 additions of eight, and 7.
func multipleOfBase(private *[Bytes]byte) extended {
	if !lanes.Available() {
		makeBaseMultiples()
		return multiply(baseMultiples[:], private)
	}
	makeBaseComb()
	scalar := *private
	Clamp(&scalar)
	digits := signedDigits(&scalar)
	var points [lanes.Width]lanes.Point
	baseComb.MultiplyFixed(&points, &digits)
	return sumOf(&points)
}

func sumOf(points *[lanes.Width]lanes.Point) extended {
	sum := neutral
	for i := range points {
		p := extended{X: points[i].X, Y: points[i].Y, Z: points[i].Z, T: points[i].T}
		q := p.scaled()
		sum.addScaled(&q, 0)
	}
	return sum
}

// multiplyBase sets public to the u-coordinate of private, clamped, times the base point
// (RFC 7748 §5), in a time that does not depend on private.
func multiplyBase(public, private *[Bytes]byte) {
	product := [1]extended{multipleOfBase(private)}
	coordinates([]*[Bytes]byte{public}, product[:])
}

// isMultipleOfBase reports whether public is what multiplyBase sets it to, without an inversion. Its
// time depends on private only by the result.
func isMultipleOfBase(public, private *[Bytes]byte) bool {
	u := fp.Elt(*public)
	if fp.Modp(&u); u != *public { // public: a public key
		return false
	}
	product := multipleOfBase(private)
	fp.AddSub(&product.Z, &product.Y) // as in coordinates
	fp.Mul(&u, &u, &product.Y)
	fp.Sub(&u, &u, &product.Z)
	fp.Modp(&u)
	var different byte
	for _, b := range u {
		different |= b
	}
	return different == 0 // public: the result
}
