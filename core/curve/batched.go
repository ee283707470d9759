package curve

import (
	"crypto/rand"

	"filippo.io/edwards25519"
	"filippo.io/edwards25519/field"
)

// A batched is one signature of a batch.
type batched struct {
	at, keyAt  int // the places of its check and of its key's
	s, z       edwards25519.Scalar
	key, r     halved
	y          field.Element // of R, on the Edwards curve
	ofKey, ofR term          // z·h times the key, and z times R
}

// A term is a multiple of a point: the odd multiples up to 15, and the scalar's digits.
type term struct {
	odd    [8]scaled
	digits [8 * Bytes]int8
}

func (t *term) set(x, y *field.Element, scalar *edwards25519.Scalar) {
	point := fromAffine(x, y)
	fillOdd(t.odd[:], &point)
	t.digits = nonAdjacent((*[Bytes]byte)(scalar.Bytes()), 5)
}

// read sets s and y. It returns false if either is not reduced, or if y is 1: R is then neutral,
// which has no other coordinates here. An x of 0 has no sign, but the only other R with it is of
// order 2.
func (b *batched) read(signature *[SignatureBytes]byte) bool {
	y, s := [Bytes]byte(signature[:Bytes]), [Bytes]byte(signature[Bytes:])
	y[Bytes-1] &= 0x7f
	s[Bytes-1] &= 0x7f
	if _, err := b.s.SetCanonicalBytes(s[:]); err != nil {
		return false
	}
	if _, err := b.y.SetBytes(y[:]); err != nil {
		return false
	}
	return [Bytes]byte(b.y.Bytes()) == y && b.y.Equal(&one) == 0 // public: a signature
}

// keyDenominator is that of the key's x times u+1, which is that of its y. u is not -1, which is
// on the twist.
func (b *batched) keyDenominator() field.Element {
	d := b.key.denominator()
	var above field.Element
	return *d.Multiply(&d, above.Add(&b.key.x, &one))
}

// fill draws z and sets both terms, from the inverses of the denominators of the key and of R.
func (b *batched) fill(c *Check, ofKey, ofR *field.Element) {
	sign := c.Signature[SignatureBytes-1] >> 7
	var above, inverse, y field.Element
	above.Add(&b.key.x, &one)
	x := b.key.edwardsX(inverse.Multiply(ofKey, &above), sign)
	inverse = b.key.denominator()
	inverse.Multiply(&inverse, ofKey)
	y.Subtract(&b.key.x, &one)
	y.Multiply(&y, &inverse) // (u-1)/(u+1)
	encoded := [Bytes]byte(y.Bytes())
	encoded[Bytes-1] |= sign << 7

	var h edwards25519.Scalar
	challenge(&h, c.Signature, encoded[:], c.Message)
	b.z = coefficient()
	b.ofKey.set(&x, &y, h.Multiply(&h, &b.z))
	x = b.r.edwardsX(ofR, c.Signature[Bytes-1]>>7)
	b.ofR.set(&x, &b.y, &b.z)
}

// coefficient returns a random number from 1 to 2¹²⁸.
func coefficient() (z edwards25519.Scalar) {
	var random [Bytes]byte
	rand.Read(random[:Bytes/2])
	z.SetCanonicalBytes(random[:])
	return *z.Add(&z, &scalarOne)
}

var scalarOne = func() (z edwards25519.Scalar) {
	z.SetCanonicalBytes(append([]byte{1}, make([]byte, Bytes-1)...))
	return z
}()
