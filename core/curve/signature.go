package curve

import (
	"filippo.io/edwards25519"
	"filippo.io/edwards25519/field"

	"libcallkey/core/curve/lanes"
)

// A signatureCheck is the verification of an XEdDSA signature with both its multiplications in
// lanes. The signature (R, s) of a message M by the key A is right if the point sB - hA is written
// R, where h is the hash of R, A and M.
//
// The lanes have no second coordinate. They return x(kP) and x((k+1)P), and with P's own two
// coordinates these have that of kP (Okeya and Sakurai, CHES 2001). All of it is public.
type signatureCheck struct {
	signature *[SignatureBytes]byte
	accepted  bool
	// plain: no formula meets an exception so far.
	plain bool
	a     montgomeryPoint // the signer's key
	scalars,
	products [2][Bytes]byte // for h and s, and hA and sB
	next [2][2][Bytes]byte
	r    edwards25519.Point // what R should be
}

// A montgomeryPoint is a point of v² = u³ + Au² + u.
type montgomeryPoint struct{ u, v field.Element }

// basis is the base point, with the v that belongs to its x on the Edwards curve.
var basis = baseOnMontgomery()

// baseOnMontgomery has the v that belongs to the Edwards curve's base point: √-(A+2) u/x.
func baseOnMontgomery() *montgomeryPoint {
	var b montgomeryPoint
	b.u.Mult32(&one, 9)
	x, _, z, _ := edwards25519.NewGeneratorPoint().ExtendedCoordinates()
	b.v.Multiply(&edwardsScale, &b.u)
	b.v.Multiply(&b.v, z)
	b.v.Multiply(&b.v, x.Invert(x))
	return &b
}

// prepare returns the jobs of hA and sB.
func (s *signatureCheck) prepare(c *Check) (ha, sb lanes.Job) {
	s.signature = c.Signature
	sign := c.Signature[SignatureBytes-1] >> 7
	encoded, onCurve := s.a.lift(c.Public, sign)

	var h edwards25519.Scalar
	challenge(&h, c.Signature, encoded[:], c.Message)
	copy(s.scalars[0][:], h.Bytes())

	copy(s.scalars[1][:], c.Signature[32:])
	s.scalars[1][Bytes-1] &= 127
	_, err := new(edwards25519.Scalar).SetCanonicalBytes(s.scalars[1][:])
	s.plain = onCurve && err == nil

	ha = lanes.Job{Scalar: &s.scalars[0], U: c.Public, X: &s.products[0], Next: &s.next[0]}
	sb = lanes.Job{Scalar: &s.scalars[1], U: &basePoint, X: &s.products[1], Next: &s.next[1]}
	return ha, sb
}

// lift sets p to the point with the coordinate u and, on the Edwards curve, an x of that sign. It
// returns the point as Ed25519 writes it. Not ok: u is 0, -1 or not on the curve.
func (p *montgomeryPoint) lift(u *[Bytes]byte, sign byte) (encoded [Bytes]byte, ok bool) {
	p.u.SetBytes(u[:])
	// One root of 1/(w d²) has both quotients, by v and by u + 1.
	var w, d, inverse, x, y field.Element
	w.Add(&p.u, &montgomeryA)
	w.Multiply(&w, &p.u)
	w.Add(&w, &one)
	w.Multiply(&w, &p.u)
	d.Add(&p.u, &one)
	y.Square(&d)
	y.Multiply(&y, &w)
	if _, square := inverse.SqrtRatio(&one, &y); square == 0 {
		return encoded, false
	}
	x.Multiply(&inverse, &d)   // 1/v
	p.v.Multiply(&x, &w)       // v
	d.Multiply(&inverse, &p.v) // 1/(u+1)
	x.Multiply(&x, &p.u)
	x.Multiply(&x, &edwardsScale)
	if x.IsNegative() != int(sign) {
		p.v.Negate(&p.v)
	}
	y.Subtract(&p.u, &one)
	y.Multiply(&y, &d)
	copy(encoded[:], y.Bytes())
	encoded[Bytes-1] |= sign << 7
	return encoded, true
}

// finish sets r to sB - hA.
func (s *signatureCheck) finish(jobs []lanes.Job) {
	var ha edwards25519.Point
	s.plain = s.plain && s.a.recover(&ha, &jobs[0]) && basis.recover(&s.r, &jobs[1])
	if s.plain {
		s.r.Subtract(&s.r, &ha)
	}
}

// recover sets q to kP on the Edwards curve, from the job of k and P. Not ok: the formula has an
// exception there, because kP or (k+1)P is infinity.
//
// With (x, y) for kP, (u, v) for P and n for the coordinate of (k+1)P:
// 2vy = (x + u + 2A)(xu + 1) - 2A - (x - u)² n.
func (p *montgomeryPoint) recover(q *edwards25519.Point, job *lanes.Job) bool {
	var x, numerator, denominator, y, z, t, twoA, zero field.Element
	twoA.Add(&montgomeryA, &montgomeryA)
	x.SetBytes(job.X[:])
	numerator.SetBytes(job.Next[0][:])
	denominator.SetBytes(job.Next[1][:])

	y.Add(&x, &p.u)
	y.Add(&y, &twoA)
	t.Multiply(&x, &p.u)
	t.Add(&t, &one)
	y.Multiply(&y, &t)
	y.Subtract(&y, &twoA)
	y.Multiply(&y, &denominator)
	t.Subtract(&x, &p.u)
	t.Square(&t)
	t.Multiply(&t, &numerator)
	y.Subtract(&y, &t)
	z.Multiply(&p.v, &denominator)
	z.Add(&z, &z) // y/z is the second coordinate

	var minus, plus field.Element
	minus.Subtract(&x, &one)
	plus.Add(&x, &one)
	t.Multiply(&edwardsScale, &x)
	t.Multiply(&t, &z)
	if job.Infinite || denominator.Equal(&zero) == 1 || y.Equal(&zero) == 1 || plus.Equal(&zero) == 1 {
		return false
	}
	var ex, ey, ez, et field.Element
	ex.Multiply(&t, &plus)
	ey.Multiply(&minus, &y)
	ez.Multiply(&y, &plus)
	et.Multiply(&t, &minus)
	_, err := q.SetExtendedCoordinates(&ex, &ey, &ez, &et)
	return err == nil
}

// acceptSignatures compares each point with its R, with one inversion for all.
func acceptSignatures(signatures []signatureCheck) {
	var products [chunk / 2]field.Element // of the z up to each
	product := one
	for i := range signatures {
		if s := &signatures[i]; s.plain {
			_, _, z, _ := s.r.ExtendedCoordinates()
			products[i] = product
			product.Multiply(&product, z)
		}
	}
	product.Invert(&product)
	for i := len(signatures) - 1; i >= 0; i-- {
		s := &signatures[i]
		if !s.plain {
			continue
		}
		x, y, z, _ := s.r.ExtendedCoordinates()
		var inverse field.Element
		inverse.Multiply(&product, &products[i])
		product.Multiply(&product, z)
		x.Multiply(x, &inverse)
		y.Multiply(y, &inverse)
		written := [Bytes]byte(y.Bytes())
		written[Bytes-1] |= byte(x.IsNegative()) << 7
		s.accepted = written == [Bytes]byte(s.signature[:32]) // public: a signature
	}
}
