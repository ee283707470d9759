package curve

import (
	"filippo.io/edwards25519/field"

	"libcallkey/core/status"
)

// Validate accepts exactly the public keys that an honest X25519 key generation can
// make: canonically encoded x-coordinates of points of the prime-order subgroup.
// Anything else (not reduced, on the twist, of low order, or with a torsion part) is
// INVALID_KEY. A torsioned key gives one and the same shared secret as its
// torsion-free twin and so a second spelling of one identity.
//
// Public keys are public: the work may depend on them.
func Validate(public *[Bytes]byte) error {
	var p halved
	if !p.setKey(public) {
		return status.New(status.InvalidKey, "public key is not in the prime-order subgroup of curve25519")
	}
	return nil
}

var (
	// nonsquare is A²-4. A+2 is a square, and A-2 is not.
	nonsquare = func() (n field.Element) {
		n.Square(&montgomeryA)
		n.Subtract(&n, &two)
		n.Subtract(&n, &two)
		return n
	}()

	// order4 is y in (1, y), a point of order 4: its square is A+2.
	order4 = func() (y field.Element) {
		var square field.Element
		squareRoot(&y, square.Add(&montgomeryA, &two))
		return y
	}()

	half = func() (h field.Element) {
		h.Invert(&two)
		return h
	}()

	// edwardsScale is a root of -(A+2).
	edwardsScale = func() (s field.Element) {
		return *s.Multiply(&order4, &rootOfMinusOne)
	}()

	// swap is √(in)/n², where n is nonsquare and i is rootOfMinusOne: see halve.
	swap = func() (s field.Element) {
		var n, square field.Element
		squareRoot(&s, square.Multiply(&rootOfMinusOne, &nonsquare))
		n.Square(&nonsquare)
		n.Invert(&n)
		s.Multiply(&s, &n)
		return s
	}()
)

// primeOrder reports whether p.x is the x-coordinate of a point of the prime-order subgroup,
// other than the neutral element. Then the rest of p is set.
//
// The group E of the curve is cyclic, and its order is 8 times a prime. So P is in the
// prime-order subgroup if and only if P = 2Q for a Q in 4E. (0,0) is the only point of
// order 2, the two halves of a point differ by it, and it is in 4E: both halves are in 4E
// or neither is, and halve may return either.
//
// Whether Q is in 4E is told by the Tate pairing (Frey and Rück, 1994) with T = (1, order4),
// which doubles to (0,0). The tangent at T is y = order4·x, and so the function
//
//	f = (y - order4·x)²/x
//
// has a zero of order 4 at T, a pole of order 4 at the neutral element O and no other. A Q
// in 4E is not T, where no point has order 4; any other Q is in 4E if and only if f(Q) is a
// fourth power:
//
//   - Let Q₁ + Q₂ + Q₃ = O, none of them O or T, and let h = y - λx - μ be 0 on the line
//     through them. h⁴/f³ is 1 at O, so Weil's reciprocity says f(Q₁)·f(Q₂)·f(Q₃) = h(T)⁴.
//     Modulo fourth powers f is therefore a homomorphism, once it is given the value at T
//     that the others demand. It sends 4E to 1.
//   - E/4E is cyclic of order 4, and so are the field's nonzero elements modulo fourth powers:
//     the homomorphism is injective on E/4E if it sends a generator to a generator, and these
//     are the nonsquares. f is x times a square. If x of a generator were a square, x of
//     every point would be. Squares other than 0 are (p-1)/2, each belongs to at most two
//     points, and with O and (0,0) that is p+1 points. E has more than 2²⁵⁵.
func (p *halved) primeOrder() bool {
	var u field.Element
	if !p.halve(&u) {
		return false
	}
	var value field.Element // f(u, u·slope) = u(slope - order4)²
	value.Subtract(&p.slope, &order4)
	value.Square(&value)
	value.Multiply(&value, &u)
	symbol := quarticSymbol(&value)
	return symbol.Equal(&one) == 1
}

// halve sets (u, u·slope) to a point of the curve that doubles to a point with the
// x-coordinate p.x, and the rest of p. It returns false if there is none: then x belongs to no
// point of the curve or to one that is twice no other.
//
// (u,v) doubles to x if (u²-1)² = 4x(u³+Au²+u). Divided by u², with w = u + 1/u, that is
// w² - 4xw - 4(Ax+1) = 0, so w = 2(x ± √(x²+Ax+1)). For (u,v) to be on the curve,
// (v/u)² = w+A must be a square. The product of w+A for the two w is A²-4, which is not a
// square: one w qualifies, and only one. With it u is a solution of u² - wu + 1 = 0, which
// exists if w²-4 is a square, that of u - 1/u; neither u nor v/u is 0.
//
// One exponentiation finds the root of w+A for either w. Let a and b be w+A for the two, n
// = ab = A²-4, and i a root of -1. If a is no square, squareRoot leaves c with c² = ±ia.
// Then (swap·c³·b²)² = (in/n⁴)·(∓ia³)·b⁴ = ±(n/n⁴)·n³·b = ±b.
func (p *halved) halve(u *field.Element) bool {
	x, root, slope := &p.x, &p.root, &p.slope
	var square field.Element
	square.Add(x, &montgomeryA)
	square.Multiply(&square, x)
	square.Add(&square, &one)
	if !squareRoot(root, &square) {
		return false
	}
	var w field.Element
	w.Add(x, root)
	w.Add(&w, &w)
	square.Add(&w, &montgomeryA)
	if !squareRoot(slope, &square) {
		w.Subtract(x, root)
		w.Add(&w, &w)
		square.Add(&w, &montgomeryA)
		var cube field.Element
		cube.Square(slope)
		cube.Multiply(&cube, slope)
		slope.Square(&square)
		slope.Multiply(slope, &cube)
		slope.Multiply(slope, &swap)
		settleRoot(slope, &square)
	}
	square.Square(&w)
	square.Subtract(&square, &two)
	square.Subtract(&square, &two)
	if !squareRoot(&p.difference, &square) {
		return false
	}
	u.Add(&w, &p.difference)
	u.Multiply(u, &half)
	return true
}
