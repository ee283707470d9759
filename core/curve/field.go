package curve

import (
	"filippo.io/edwards25519/field"
	fp "github.com/cloudflare/circl/math/fp25519"
)

// The field is that of the integers modulo p = 2²⁵⁵-19. p is 5 modulo 8, so -1 has a square
// root, but neither 2 nor that root has one.
var (
	one         = *new(field.Element).One()
	two         = *new(field.Element).Add(&one, &one)
	montgomeryA = *new(field.Element).Mult32(&one, 486662) // A in y² = x³ + Ax² + x

	twoD = func() fp.Elt { // twice d = -121665/121666
		var d field.Element
		d.Mult32(&one, 121666)
		d.Invert(&d)
		d.Mult32(&d, 2*121665)
		return fp.Elt(d.Negate(&d).Bytes())
	}()

	rootOfMinusOne = quarticSymbol(&two)
)

// quarticSymbol returns z^((p-1)/4): for a z other than 0 it is 1 if z is a fourth power,
// -1 if z is only a square, and a root of -1 if z is no square.
func quarticSymbol(z *field.Element) field.Element {
	var power field.Element
	power.Pow22523(z) // z^((p-5)/8)
	power.Square(&power)
	power.Multiply(&power, z)
	return power
}

// squareRoot sets root to a square root of z and returns true, or returns false if z has
// none. Then root² is z times one of the roots of -1. Its time depends on z.
func squareRoot(root, z *field.Element) bool {
	var power field.Element
	power.Pow22523(z)
	root.Multiply(z, &power) // z^((p+3)/8)
	return settleRoot(root, z)
}

// settleRoot makes a root of z or of -z one of z. It returns false if root is neither.
func settleRoot(root, z *field.Element) bool {
	var square field.Element
	square.Square(root)
	if square.Equal(z) == 1 {
		return true
	}
	square.Negate(&square)
	if square.Equal(z) == 1 {
		root.Multiply(root, &rootOfMinusOne)
		return true
	}
	return false
}
