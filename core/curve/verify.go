package curve

import (
	"encoding/binary"
	"sync"

	"filippo.io/edwards25519"
	"filippo.io/edwards25519/field"
)

// Verify reports whether signature is public's XEdDSA signature of message. Its time depends
// on all three.
//
// An XEdDSA signature is one of Ed25519 (RFC 8032 §5.1.7) by the point that public is on the
// Edwards curve. The top bit of the signature is the sign of that point.
func Verify(public *[Bytes]byte, message []byte, signature *[SignatureBytes]byte) bool {
	var u field.Element
	if _, err := u.SetBytes(public[:]); err != nil {
		return false
	}
	var x, y field.Element
	if !edwardsPoint(&x, &y, &u, int(signature[63]>>7)) {
		return false
	}
	var s, k edwards25519.Scalar
	sBytes := [Bytes]byte(signature[32:])
	sBytes[31] &= 0x7f
	if _, err := s.SetCanonicalBytes(sBytes[:]); err != nil {
		return false
	}
	encoded := [Bytes]byte(y.Bytes())
	encoded[31] |= signature[63] & 0x80 // also where x is 0, which has no sign
	challenge(&k, signature, encoded[:], message)
	// Ed25519 without the cofactor: R = sB - kA, and as bytes, so that R has one spelling.
	key := fromAffine(&x, &y)
	r := difference([Bytes]byte(s.Bytes()), [Bytes]byte(k.Bytes()), &key)
	return r.encode() == [Bytes]byte(signature[:32]) // public: a signature
}

// edwardsPoint sets (x, y) to the point of the Edwards curve that belongs to the
// u-coordinate, with the sign as x's lowest bit if x is not 0: y = (u-1)/(u+1) and
// x = ±u·√(-(A+2))/v with v² = u³+Au²+u. It returns false if v does not exist. Where a
// denominator is 0 it does as Signal's clients: u = 0 becomes (0, -1), and u = -1, which is on
// the twist, (±√-1, 0).
//
// One exponentiation finds both denominators: with t = 1/√(v²(u+1)²) it is 1/v = ±t(u+1) and
// 1/(u+1) = t²v²(u+1).
func edwardsPoint(x, y, u *field.Element, sign int) bool {
	var above, square, product, t field.Element
	above.Add(u, &one)
	square.Add(u, &montgomeryA)
	square.Multiply(&square, u)
	square.Add(&square, &one)
	square.Multiply(&square, u)
	product.Square(&above)
	product.Multiply(&product, &square)
	if product.Equal(new(field.Element)) == 1 { // u is 0 or -1
		x.Multiply(u, &rootOfMinusOne)
		y.Negate(&above)
	} else {
		if _, is := t.SqrtRatio(&one, &product); is == 0 {
			return false
		}
		y.Square(&t)
		y.Multiply(y, &square)
		y.Multiply(y, &above)
		above.Multiply(&above, &t)
		square.Subtract(u, &one)
		y.Multiply(y, &square)
		x.Multiply(u, &edwardsScale)
		x.Multiply(x, &above)
	}
	if x.IsNegative() != sign {
		x.Negate(x)
	}
	return true
}

// oddOfBase has 1, 3, 5 … 127 times the base point, computed at first use.
var (
	oddOfBase     [64]scaled
	makeOddOfBase = sync.OnceFunc(func() {
		base := generator()
		fillOdd(oddOfBase[:], &base)
	})
)

// fillOdd sets odd to 1, 3, 5 … times point.
func fillOdd(odd []scaled, point *extended) {
	double := *point
	double.double(true)
	step := double.scaled()
	multiple := *point
	for i := range odd {
		if i > 0 {
			multiple.addScaled(&step, 0)
		}
		odd[i] = multiple.scaled()
	}
}

// addDigit adds digit times the point that odd was filled for, or subtracts it where negative is 1.
// The digit is 0 or odd. Its time depends on the digit.
func (p *extended) addDigit(odd []scaled, digit int8, negative uint) {
	if digit != 0 { // this much is inlined: most digits are 0
		p.addOdd(odd, digit, negative)
	}
}

func (p *extended) addOdd(odd []scaled, digit int8, negative uint) {
	if digit > 0 {
		p.addScaled(&odd[digit/2], negative)
	} else {
		p.addScaled(&odd[-digit/2], 1-negative)
	}
}

// difference is s times the base point minus k times key, for scalars below 2²⁵³. Its time
// depends on all three.
func difference(s, k [Bytes]byte, key *extended) extended {
	makeOddOfBase()
	var oddOfKey [8]scaled
	fillOdd(oddOfKey[:], key)
	ofBase, ofKey := nonAdjacent(&s, 8), nonAdjacent(&k, 5)
	p := neutral
	for i := len(ofBase) - 1; i >= 0; i-- {
		p.double(ofKey[i] != 0 || ofBase[i] != 0)
		p.addDigit(oddOfKey[:], ofKey[i], 1)
		p.addDigit(oddOfBase[:], ofBase[i], 0)
	}
	return p
}

// nonAdjacent returns the digits of a scalar below 2²⁵³ to the base 2, the least first: a
// digit that is not 0 is odd, below 2^(width-1) in size, and width-1 zeros follow it.
func nonAdjacent(scalar *[Bytes]byte, width uint) (digits [8 * Bytes]int8) {
	var words [5]uint64
	for i := range 4 {
		words[i] = binary.LittleEndian.Uint64(scalar[8*i:])
	}
	var carry uint64
	for i := 0; i < len(digits); {
		part := words[i/64] >> (i % 64)
		if i%64 != 0 {
			part |= words[i/64+1] << (64 - i%64)
		}
		window := part&(1<<width-1) + carry
		if window&1 == 0 {
			i++
			continue
		}
		carry = window >> (width - 1)
		digits[i] = int8(window) - int8(carry<<width)
		i += int(width)
	}
	return digits
}
