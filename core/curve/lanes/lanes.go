// Package lanes multiplies eight points of Curve25519 at once, with the instructions AVX-512
// IFMA of amd64. Eight take about as long as one and a half with one at a time. A Comb adds up
// multiples of one fixed point, for one scalar in all lanes.
//
// Every lane runs the Montgomery ladder of RFC 7748, or the additions of a Comb, in the same
// instructions: no branch and no address depends on a scalar or a point. The assembly is written by tools/lanes, which proves
// while it writes that no number exceeds its register.
//
// Secrets: the assembly clears its registers and its frame, and Go the arrays in between, which
// the next call uses again. Work on secrets is done inside secret.Do, as always.
package lanes

// A Job is one multiplication.
type Job struct {
	// Scalar has 255 bits, in little-endian order; the last bit is ignored.
	Scalar *[32]byte
	// Clamp makes the scalar that of RFC 7748 §5 first; Scalar itself stays as it is.
	Clamp bool
	// U is the point's coordinate, as in RFC 7748: the last bit is ignored, and it need not be
	// reduced. The point may be one of the twist.
	U *[32]byte
	// X receives the coordinate of the product: 0 if that is the point at infinity.
	X *[32]byte
	// Next receives, if it is not nil, the coordinate of the product by the scalar plus one as
	// a fraction: numerator and denominator. It is undefined if U is 0.
	Next *[2][32]byte
	// Infinite is set by Multiply: the product is the point at infinity. It is undefined if U
	// is 0.
	Infinite bool
}

// Width is the number of jobs that take as long as one.
const Width = 8

// A Point is one of the twisted Edwards curve -x² + y² = 1 + dx²y²: (X/Z, Y/Z), with XY = ZT.
type Point struct{ X, Y, Z, T [32]byte }
