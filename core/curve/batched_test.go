package curve

import (
	"testing"

	"filippo.io/edwards25519"
	"filippo.io/edwards25519/field"
)

// signedKeys are keys that sign themselves, with the check of each key before that of its signature.
type signedKeys struct {
	public     [mostTogether][Bytes]byte
	signatures [mostTogether][SignatureBytes]byte
	checks     []Check
}

func newSignedKeys() *signedKeys {
	k := new(signedKeys)
	for i := range k.public {
		var private [Bytes]byte
		public, signature := &k.public[i], &k.signatures[i]
		Generate(&private, public)
		*signature = Sign(&private, public[:])
		k.checks = append(k.checks, Check{Public: public}, Check{Public: public, Message: public[:], Signature: signature})
	}
	return k
}

// If this failed, the signatures of honest devices would be verified twice: what is not accepted
// together is judged again.
func TestHonestOnesAreAcceptedTogether(t *testing.T) {
	for range 200 {
		k := newSignedKeys()
		for n := fewestTogether; n <= mostTogether; n++ {
			var accepted [chunk]bool
			acceptTogether(k.checks[:2*n], &accepted)
			for i := range 2 * n {
				if !accepted[i] {
					t.Fatalf("check %d of %d of %x is left to the ordinary one", i, 2*n, k.public[i/2])
				}
			}
		}
	}
}

// If this failed, a hostile server could make the checks of all bundles slower by one that it need not
// even sign.
func TestWhatIsSeenToBeWrongSpoilsNoBatch(t *testing.T) {
	for name, spoil := range map[string]func(public *[Bytes]byte, signature *[SignatureBytes]byte){
		"neutral R":           func(_ *[Bytes]byte, s *[SignatureBytes]byte) { copy(s[:Bytes], neutralR[:]) },
		"R of order 4":        func(_ *[Bytes]byte, s *[SignatureBytes]byte) { clear(s[:Bytes]) },
		"s of 253 bits":       func(_ *[Bytes]byte, s *[SignatureBytes]byte) { s[SignatureBytes-1] |= 0x1f },
		"key of low order":    func(p *[Bytes]byte, _ *[SignatureBytes]byte) { *p = [Bytes]byte{1} },
		"key 0":               func(p *[Bytes]byte, _ *[SignatureBytes]byte) { clear(p[:]) },
		"key with a high bit": func(p *[Bytes]byte, _ *[SignatureBytes]byte) { p[Bytes-1] |= 0x80 },
	} {
		k := newSignedKeys()
		spoil(&k.public[2], &k.signatures[2])
		var accepted [chunk]bool
		acceptTogether(k.checks, &accepted)
		for i := range k.checks {
			if i/2 != 2 && !accepted[i] {
				t.Fatalf("%s: check %d is left to the ordinary one", name, i)
			}
		}
		if accepted[5] {
			t.Errorf("%s: accepted", name)
		}
	}
}

var neutralR = neutral.encode()

// If this failed, one signature would have two spellings on one machine. No R of the prime order is
// known that has two, so that nothing else could notice.
func TestSpellingsOfR(t *testing.T) {
	for y := range 19 {
		var signature [SignatureBytes]byte
		signature[0] = byte(y)
		if got := new(batched).read(&signature); got != (y != 1) {
			t.Errorf("y = %d is read: %v", y, got)
		}
		for i := range Bytes {
			signature[i] = 0xff
		}
		for _, top := range []byte{0x7f, 0xff} {
			signature[0], signature[Bytes-1] = 0xed+byte(y), top
			if new(batched).read(&signature) {
				t.Errorf("y = p + %d is read", y)
			}
		}
	}
}

// If this failed, a signature would be verified with another key.
func TestTheOtherCoordinateOfAHalvedPoint(t *testing.T) {
	for range 500 {
		var private, public [Bytes]byte
		Generate(&private, &public)
		var p halved
		if !p.setKey(&public) {
			t.Fatalf("%x is refused", public)
		}
		inverse := p.denominator()
		inverse.Invert(&inverse)
		for sign := range byte(2) {
			var x, y field.Element
			edwardsPoint(&x, &y, &p.x, int(sign))
			if got := p.edwardsX(&inverse, sign); got.Equal(&x) != 1 {
				t.Fatalf("of %x with sign %d it is %x, want %x", public, sign, got.Bytes(), x.Bytes())
			}
		}
	}
}

// If this failed, who makes signatures could guess the coefficients, and have wrong ones cancel each
// other.
func TestCoefficients(t *testing.T) {
	var ones [8 * Bytes]int
	const tried = 2000
	for range tried {
		z := coefficient()
		if z.Equal(new(edwards25519.Scalar)) == 1 {
			t.Fatal("a coefficient is 0")
		}
		z.Subtract(&z, &scalarOne)
		for i, b := range z.Bytes() {
			for bit := range 8 {
				ones[8*i+bit] += int(b >> bit & 1)
			}
		}
	}
	for bit, n := range ones {
		if bit >= 128 && n > 0 {
			t.Errorf("bit %d of a coefficient is not 0", bit)
		} else if bit < 128 && (n < tried/3 || n > 2*tried/3) {
			t.Errorf("bit %d of %d coefficients is 1 in %d", bit, tried, n)
		}
	}
}
