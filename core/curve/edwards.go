package curve

import (
	"filippo.io/edwards25519/field"
	fp "github.com/cloudflare/circl/math/fp25519"
)

// extended is the point (X/Z, Y/Z) of the twisted Edwards curve -x² + y² = 1 + dx²y², which
// is Curve25519 in other coordinates, with XY = ZT (Hisil, Wong, Carter and Dawson, 2008).
// Their formulas are complete: they hold for every two points.
type extended struct{ X, Y, Z, T fp.Elt }

var neutral = extended{Y: fp.Elt{1}, Z: fp.Elt{1}}

func fromAffine(x, y *field.Element) extended {
	p := extended{X: fp.Elt(x.Bytes()), Y: fp.Elt(y.Bytes()), Z: fp.Elt{1}}
	fp.Mul(&p.T, &p.X, &p.Y)
	return p
}

// affine has of a point (x, y) what an addition takes: y+x, y-x and 2dxy.
type affine struct{ sum, difference, product fp.Elt }

// scaled is an affine for a point with a Z: what it has of (x, y) is times Z.
type scaled struct {
	affine
	Z fp.Elt
}

func (p *extended) scaled() (s scaled) {
	s.sum, s.difference, s.Z = p.Y, p.X, p.Z
	fp.AddSub(&s.sum, &s.difference)
	fp.Mul(&s.product, &p.T, &twoD)
	return s
}

func (p *extended) addScaled(q *scaled, negative uint) {
	fp.Mul(&p.Z, &p.Z, &q.Z)
	p.add(&q.affine, negative)
}

// add adds q, or subtracts it where negative is 1, in the same time.
func (p *extended) add(q *affine, negative uint) {
	sum, difference, c := q.sum, q.difference, q.product
	fp.Cswap(&sum, &difference, negative) // the negative of (x, y) is (-x, y)
	fp.Mul(&c, &c, &p.T)
	fp.AddSub(&p.Y, &p.X)
	fp.Mul(&difference, &difference, &p.X)
	fp.Mul(&sum, &sum, &p.Y)
	h, e := &sum, &difference
	fp.AddSub(h, e)
	fp.Add(&p.Z, &p.Z, &p.Z)
	g, f := &p.Z, &c
	fp.AddSub(g, f)
	fp.Cswap(g, f, negative)
	fp.Mul(&p.T, e, h)
	fp.Mul(&p.X, e, f)
	fp.Mul(&p.Y, g, h)
	fp.Mul(&p.Z, g, f)
}

// double leaves T out, which the next doubling does not need, unless withT.
func (p *extended) double(withT bool) {
	var a, b, c, e fp.Elt
	fp.Sqr(&a, &p.X)
	fp.Sqr(&b, &p.Y)
	fp.Sqr(&c, &p.Z)
	fp.Add(&c, &c, &c)
	fp.Add(&e, &p.X, &p.Y)
	fp.Sqr(&e, &e)
	h, g, f := &a, &b, &c
	fp.AddSub(h, g)
	fp.Sub(&e, h, &e)
	fp.Add(f, f, g)
	fp.Mul(&p.X, &e, f)
	fp.Mul(&p.Y, g, h)
	fp.Mul(&p.Z, f, g)
	if withT {
		fp.Mul(&p.T, &e, h)
	}
}

// encode returns y, with the lowest bit of x at the top (RFC 8032 §5.1.2).
func (p *extended) encode() [Bytes]byte {
	var x, y, inverse fp.Elt
	fp.Inv(&inverse, &p.Z)
	fp.Mul(&x, &p.X, &inverse)
	fp.Mul(&y, &p.Y, &inverse)
	fp.Modp(&x)
	fp.Modp(&y)
	y[31] |= x[0] << 7
	return y
}
