package curve_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"filippo.io/edwards25519"

	"libcallkey/core/curve"
)

// A forger signs with any R and any key of which it knows the multiples of the base point.
type forger struct {
	t       *testing.T
	random  *rand.Rand
	torsion [8]*edwards25519.Point
	signers []*signer
	honest  []bundle
}

func newForger(t *testing.T) *forger {
	seed := [2]uint64{rand.Uint64(), rand.Uint64()}
	t.Logf("seed %x", seed)
	f := &forger{t: t, random: rand.New(rand.NewPCG(seed[0], seed[1]))}
	for i := range f.torsion {
		f.torsion[i] = lowOrder(torsionPoint(t), i)
	}
	for range 32 {
		s := newSigner()
		f.signers = append(f.signers, s)
		f.honest = append(f.honest, honest(s, f.noise(33)))
	}
	return f
}

func (f *forger) noise(n int) []byte {
	noise := make([]byte, n)
	for i := range noise {
		noise[i] = byte(f.random.Uint32())
	}
	return noise
}

func (f *forger) scalar() *edwards25519.Scalar {
	s, _ := edwards25519.NewScalar().SetUniformBytes(f.noise(64))
	return s
}

// sign signs with R = rB + ofR, in one of the spellings of R, and a key with the torsion ofKey. The
// sum sB - hA - R is -(h·ofKey + ofR) then, which eight times is neutral.
func (f *forger) sign(b *bundle, who int, r *edwards25519.Scalar, ofR, ofKey *edwards25519.Point, spelling int) (h *edwards25519.Scalar) {
	a, _ := edwards25519.NewScalar().SetBytesWithClamping(f.signers[who].private[:])
	key := new(edwards25519.Point).ScalarBaseMult(a)
	key.Add(key, ofKey)
	R := new(edwards25519.Point).ScalarBaseMult(r)
	all := spellings(R.Add(R, ofR).Bytes())
	written := all[spelling%len(all)]
	h = challenge(f.t, written, key, b.message)
	copy(b.signature[:], written)
	copy(b.signature[32:], edwards25519.NewScalar().MultiplyAdd(h, a, r).Bytes())
	b.signature[63] |= key.Bytes()[31] & 0x80
	b.identity = [32]byte(key.BytesMontgomery())
	return h
}

// flip changes one bit.
func (f *forger) flip(in []byte) { in[f.random.IntN(len(in))] ^= 1 << f.random.IntN(8) }

// add adds x to the s of a signature.
func (f *forger) add(b *bundle, x *edwards25519.Scalar) {
	sign := b.signature[63] & 0x80
	b.signature[63] &^= 0x80
	s, err := edwards25519.NewScalar().SetCanonicalBytes(b.signature[32:])
	if err != nil { // another change went before
		s = edwards25519.NewScalar()
	}
	copy(b.signature[32:], s.Add(s, x).Bytes())
	b.signature[63] |= sign
}

// forge changes a bundle of the signer who, and in some ways another one too.
func (f *forger) forge(way int, b *bundle, who int, other *bundle, whose int) {
	none := f.torsion[0]
	any := f.torsion[f.random.IntN(8)]
	switch way {
	case 0:
		f.flip(b.message)
	case 1:
		f.flip(b.signature[:32])
	case 2:
		f.flip(b.signature[32:])
	case 3:
		f.flip(b.identity[:])
	case 4: // right with the cofactor, wrong without it
		f.sign(b, who, f.scalar(), any, none, 0)
	case 5: // with torsion that cancels
		n := 1 + f.random.IntN(7)
		f.sign(b, who, f.scalar(), f.torsion[n], none, 0)
		f.sign(other, whose, f.scalar(), f.torsion[8-n], none, 0)
	case 6: // that cancel each other: D = xB and D = -xB
		x := f.scalar()
		f.add(b, x)
		f.add(other, x.Negate(x))
	case 7: // that are wrong by little
		f.add(b, scalarOne())
	case 8: // a key with torsion, also where h makes it vanish
		for range 1 + f.random.IntN(16) {
			f.flip(b.message)
			if f.sign(b, who, f.scalar(), none, any, 0).Bytes()[0]%8 == 0 {
				break
			}
		}
	case 9: // a key and an R with torsion
		f.sign(b, who, f.scalar(), any, f.torsion[f.random.IntN(8)], 0)
	case 10: // an R of low order, which has more spellings
		f.sign(b, who, edwards25519.NewScalar(), any, none, f.random.IntN(4))
	case 11: // a neutral R, in each of them
		f.sign(b, who, edwards25519.NewScalar(), none, none, f.random.IntN(4))
	case 12: // other numbers for R
		f.sign(b, who, f.scalar(), none, none, 1+f.random.IntN(3))
	case 13: // one signature twice
		*other = *b
		other.message = slices.Clone(b.message)
	case 14: // two signatures by one key
		f.sign(other, who, f.scalar(), none, none, 0)
	default:
		random := rand.NewChaCha8([32]byte(f.noise(32)))
		f.signers[who].spoil(b, f.random.IntN(ways), random, f.torsion[1])
	}
}

const forgeries = 18

// If this failed, a forged bundle would be accepted, or one that another machine rejects, or an
// honest one rejected beside a forged one.
func TestSignaturesTogetherAreVerify(t *testing.T) {
	f := newForger(t)
	accepted, refused := 0, 0
	for batch := range compared() / 2 {
		bundles := make([]bundle, 2+f.random.IntN(7))
		who := f.random.Perm(len(f.honest))[:len(bundles)]
		for i := range bundles {
			bundles[i] = f.honest[who[i]]
			bundles[i].message = bytes.Clone(bundles[i].message)
		}
		for range [...]int{0, 1, 1, 1, 2, len(bundles)}[f.random.IntN(6)] {
			two := f.random.Perm(len(bundles))
			i, j := two[0], two[1]
			f.forge((batch+i)%forgeries, &bundles[i], who[i], &bundles[j], who[j])
		}
		var checks []curve.Check
		for i := range bundles {
			b := &bundles[i]
			if f.random.IntN(32) > 0 { // the key may not be checked
				checks = append(checks, curve.Check{Public: &b.identity})
			}
			checks = append(checks, curve.Check{Public: &b.identity, Message: b.message, Signature: &b.signature})
		}
		if f.random.IntN(4) == 0 {
			f.random.Shuffle(len(checks), func(i, j int) { checks[i], checks[j] = checks[j], checks[i] })
		}
		n := compareBy(t, curve.CheckTogether, checks)
		accepted += n
		refused += len(checks) - n
	}
	if accepted == 0 || refused == 0 {
		t.Errorf("%d accepted, %d refused", accepted, refused)
	}
}

// If this failed, a list of checks longer than a batch would be checked in part.
func TestManySignaturesTogether(t *testing.T) {
	f := newForger(t)
	for _, wrong := range []int{-1, 0, 7, 8, 31} {
		for _, n := range []int{0, 1, 9, 16, 17, 31, 32} {
			bundles := make([]bundle, n)
			var checks, keys, signatures []curve.Check
			for i := range bundles {
				b := &bundles[i]
				*b = f.honest[i]
				if i == wrong {
					f.add(b, scalarOne())
				}
				all := b.checks()
				checks = append(checks, all...)
				keys, signatures = append(keys, all[:2]...), append(signatures, all[2])
			}
			want := len(checks)
			if wrong >= 0 && wrong < n {
				want--
			}
			if compareBy(t, curve.CheckTogether, checks) != want ||
				compareBy(t, curve.CheckTogether, append(signatures, keys...)) != want {
				t.Fatalf("%d bundles, of which %d is wrong", n, wrong)
			}
		}
	}
}
