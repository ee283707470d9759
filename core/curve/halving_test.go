package curve_test

import (
	fp "github.com/cloudflare/circl/math/fp25519"

	"libcallkey/core/curve"
)

// halvedThrice is the judge of Validate: it was its work once, and it shares no arithmetic
// with it.
//
// The group of the curve is cyclic of order 8 times a prime, and (0,0) is its only
// point of order 2. So a point lies in the prime-order subgroup if and only if it can
// be halved three times, a point can be halved if and only if its x-coordinate is a
// square, and either of its two halves will do: they differ by (0,0), which is itself
// four times a point. That takes eight square roots.
func halvedThrice(public *[curve.Bytes]byte) bool {
	x := fp.Elt(*public)
	reduced := x
	fp.Modp(&reduced)
	if reduced != x || fp.IsZero(&reduced) {
		return false
	}
	if !isSquare(&x) {
		return false
	}
	for range 2 {
		var ok bool
		if x, ok = halve(&x); !ok || !isSquare(&x) {
			return false
		}
	}
	return true
}

var (
	one    = fp.Elt{1}
	four   = fp.Elt{4}
	curveA = fp.Elt{0x06, 0x6d, 0x07} // A = 486662 in y² = x³ + A x² + x
	half   = func() (h fp.Elt) {
		two := fp.Elt{2}
		fp.Inv(&h, &two)
		return h
	}()
)

func isSquare(x *fp.Elt) bool {
	var root fp.Elt
	return fp.InvSqrt(&root, x, &one)
}

// halve returns the x-coordinate of a point Q with 2Q = P, where x is P's and a nonzero
// square. Not ok: x belongs to no point of the curve.
//
// With u the x-coordinate of Q, doubling gives (u²-1)² = 4x(u³+Au²+u). Divided by u²
// and with w = u + 1/u it is w² - 4xw - 4(Ax+1) = 0. One of its two solutions
// w = 2(x ± √(x²+Ax+1)) makes u² - wu + 1 = 0 solvable in the field, never both,
// because A²-4 is not a square.
func halve(x *fp.Elt) (u fp.Elt, ok bool) {
	var root, w, square fp.Elt
	fp.Add(&square, x, &curveA)
	fp.Mul(&square, &square, x)
	fp.Add(&square, &square, &one)
	if !fp.InvSqrt(&root, &square, &one) {
		return u, false
	}
	fp.Add(&w, x, &root)
	for range 2 {
		fp.Add(&w, &w, &w)
		fp.Sqr(&square, &w)
		fp.Sub(&square, &square, &four)
		var d fp.Elt
		if fp.InvSqrt(&d, &square, &one) {
			fp.Add(&u, &w, &d)
			fp.Mul(&u, &u, &half)
			fp.Modp(&u)
			return u, true
		}
		fp.Sub(&w, x, &root)
	}
	return u, false
}
