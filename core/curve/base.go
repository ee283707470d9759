package curve

import (
	"sync"

	"filippo.io/edwards25519/field"
	fp "github.com/cloudflare/circl/math/fp25519"
)

// baseMultiples are those of the base point times 256^i, computed at first use: 24 kB.
var (
	baseMultiples     [Bytes]multiples
	makeBaseMultiples = sync.OnceFunc(func() {
		room := make([]extended, 8*len(baseMultiples)) // too much for the stack: it would grow
		base := generator()
		fillMultiples(baseMultiples[:], room, &base, 8)
	})
)

// generator is the point with u = 9 and an even x (RFC 7748 §4.1, RFC 8032 §5.1).
func generator() extended {
	var x, y, u field.Element
	edwardsPoint(&x, &y, u.Mult32(&one, 9), 0)
	return fromAffine(&x, &y)
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
