package curve

import (
	"sync"

	"filippo.io/edwards25519/field"

	fp "github.com/cloudflare/circl/math/fp25519"
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

// multiplyBase sets public to the u-coordinate of private, clamped, times the base point
// (RFC 7748 §5), in a time that does not depend on private.
func multiplyBase(public, private *[Bytes]byte) {
	makeBaseMultiples()
	product := [1]extended{multiply(baseMultiples[:], private)}
	coordinates([]*[Bytes]byte{public}, product[:])
}

// isMultipleOfBase reports whether public is what multiplyBase sets it to, without an inversion. Its
// time depends on private only by the result.
func isMultipleOfBase(public, private *[Bytes]byte) bool {
	u := fp.Elt(*public)
	if fp.Modp(&u); u != *public { // public: a public key
		return false
	}
	makeBaseMultiples()
	product := multiply(baseMultiples[:], private)
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
