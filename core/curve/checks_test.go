package curve_test

import (
	"bytes"
	"flag"
	"math/rand/v2"
	"testing"

	"filippo.io/edwards25519"

	"libcallkey/core/curve"
	"libcallkey/core/status"
)

var inputs = flag.Int("inputs", 20_000, "random bundles and agreements to compare one at a time")

// compared is the number of random inputs to compare: with -short a tenth of them.
func compared() int {
	if testing.Short() {
		return *inputs / 10
	}
	return *inputs
}

// A bundle is what CheckAll gets of a device.
type bundle struct {
	identity, prekey [32]byte
	signature        [64]byte
	message          []byte
}

func (b *bundle) checks() []curve.Check {
	return []curve.Check{
		{Public: &b.identity}, {Public: &b.prekey},
		{Public: &b.identity, Message: b.message, Signature: &b.signature},
	}
}

// judge does the checks one at a time.
func judge(c *curve.Check) bool {
	if c.Signature == nil {
		return curve.Validate(c.Public) == nil
	}
	return curve.Verify(c.Public, c.Message, c.Signature)
}

func compare(t *testing.T, checks []curve.Check) (accepted int) {
	t.Helper()
	return compareBy(t, curve.CheckAll, checks)
}

func compareBy(t *testing.T, checkAll func([]curve.Check), checks []curve.Check) (accepted int) {
	t.Helper()
	checkAll(checks)
	for i := range checks {
		c := &checks[i]
		want := judge(c)
		if (c.Err == nil) != want || !want && status.Of(c.Err) != status.InvalidKey {
			t.Fatalf("check %d of %d: key %x, message %x, signature %x: %v, one at a time: %v",
				i, len(checks), *c.Public, c.Message, c.Signature, c.Err, want)
		}
		if want {
			accepted++
		}
	}
	return accepted
}

// A signer makes signatures with numbers that an honest one never takes.
type signer struct {
	private [32]byte
	public  [32]byte
}

func newSigner() *signer {
	s := new(signer)
	curve.Generate(&s.private, &s.public)
	return s
}

// spoil changes a bundle as a hostile server could, in one of many ways.
func (s *signer) spoil(b *bundle, way int, random *rand.ChaCha8, torsion *edwards25519.Point) {
	n := int(random.Uint64() >> 33) // positive, where an int has 32 bits too
	switch way {
	case 0: // an honest one
	case 1:
		random.Read(b.prekey[:])
	case 2:
		random.Read(b.identity[:])
	case 3: // not reduced
		b.prekey = [32]byte(bytes.Repeat([]byte{0xff}, 32))
		b.prekey[0], b.prekey[31] = byte(n), byte(n>>8)|0x7f
	case 4:
		b.prekey = [32]byte{byte(n % 12)}
	case 5: // torsion
		b.prekey = torsioned(&s.private, torsion, n%8)
	case 6:
		b.identity = torsioned(&s.private, torsion, n%8)
	case 7:
		b.signature[n/8%64] ^= 1 << (n % 8)
	case 8:
		b.message = append(bytes.Clone(b.message), 0)
	case 9:
		random.Read(b.signature[:])
		b.signature[63] &= 0x8f
	case 10: // s is not reduced
		addOrder(b.signature[32:])
	case 11: // R of low order, s = 0
		clear(b.signature[:])
		b.signature[0] = byte(n % 2)
	case 12: // R or the key of low order
		copy(b.signature[:32], lowOrder(torsion, n%8).Bytes())
	case 13:
		b.identity = [32]byte{byte(n % 2)}
		copy(b.signature[:32], lowOrder(torsion, n%8).Bytes())
		clear(b.signature[32:])
	case 14: // h(kP) at the ends: s = 1 and s = L-1
		clear(b.signature[32:])
		b.signature[32] = 1
	case 15:
		copy(b.signature[32:], edwards25519.NewScalar().Negate(scalarOne()).Bytes())
	case 16: // R with the other sign
		b.signature[31] ^= 0x80
	case 17: // the key with the other sign
		b.signature[63] ^= 0x80
	case 18:
		b.identity[31] |= 0x80
	case 19: // R is not reduced: p + 1 for the y of the neutral point
		copy(b.signature[:32], bytes.Repeat([]byte{0xff}, 32))
		b.signature[0], b.signature[31] = 0xee, 0x7f|byte(n%2)<<7
	}
}

const ways = 20

func scalarOne() *edwards25519.Scalar {
	one, _ := edwards25519.NewScalar().SetCanonicalBytes(append([]byte{1}, make([]byte, 31)...))
	return one
}

func lowOrder(torsion *edwards25519.Point, n int) *edwards25519.Point {
	p := edwards25519.NewIdentityPoint()
	for range n {
		p.Add(p, torsion)
	}
	return p
}

func torsioned(private *[32]byte, torsion *edwards25519.Point, n int) [32]byte {
	scalar, _ := edwards25519.NewScalar().SetBytesWithClamping(private[:])
	p := new(edwards25519.Point).ScalarBaseMult(scalar)
	return [32]byte(p.Add(p, lowOrder(torsion, n)).BytesMontgomery())
}

// addOrder writes s + L.
func addOrder(s []byte) {
	order := append(edwards25519.NewScalar().Negate(scalarOne()).Bytes(), 0)
	carry := 1 // L is L-1 and 1
	for i := range s {
		carry += int(s[i]) + int(order[i])
		s[i] = byte(carry)
		carry >>= 8
	}
}

func torsionPoint(t testing.TB) *edwards25519.Point {
	t.Helper()
	p, err := new(edwards25519.Point).SetBytes([]byte{
		0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
		0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func honest(s *signer, message []byte) bundle {
	b := bundle{identity: s.public, message: message, signature: curve.Sign(&s.private, message)}
	var private [32]byte
	curve.Generate(&private, &b.prekey)
	return b
}

// If this failed, a bundle would be accepted on one machine and rejected on another, or a forged
// one accepted.
func TestCheckAllIsValidateAndVerify(t *testing.T) {
	torsion := torsionPoint(t)
	seed := [32]byte{byte(rand.Uint32()), byte(rand.Uint32()), byte(rand.Uint32())}
	t.Logf("seed %x", seed)
	random := rand.NewChaCha8(seed)
	left := compared()
	var signers []*signer
	var known []bundle
	for range 16 {
		s := newSigner()
		signers = append(signers, s)
		message := make([]byte, 33)
		random.Read(message)
		known = append(known, honest(s, message))
	}
	accepted := 0
	for way := 0; left > 0; {
		var checks []curve.Check
		bundles := make([]bundle, 1+random.Uint64()%9)
		for i := range bundles {
			who := random.Uint64() % uint64(len(known))
			bundles[i] = known[who]
			signers[who].spoil(&bundles[i], way%ways, random, torsion)
			checks = append(checks, bundles[i].checks()...)
			way++
			left--
		}
		accepted += compare(t, checks)
	}
	if accepted == 0 {
		t.Error("no check was accepted")
	}
}

// If this failed, a long signed message would be checked in part.
func TestCheckAllOfLongMessages(t *testing.T) {
	s := newSigner()
	for _, size := range []int{0, 1, 33, 64, 65, 1000} {
		b := honest(s, bytes.Repeat([]byte{1}, size))
		if compare(t, b.checks()) != 3 {
			t.Fatalf("%d bytes are refused", size)
		}
		b.message = append(b.message, 1)
		if compare(t, b.checks()) != 2 {
			t.Fatalf("%d bytes are accepted for %d", size+1, size)
		}
	}
	curve.CheckAll(nil)
}

// If this failed, a session begun with others would have other keys than one begun alone.
func TestAgreeAllIsAgree(t *testing.T) {
	torsion := torsionPoint(t)
	random := rand.NewChaCha8([32]byte{7})
	left := compared()
	for left > 0 {
		n := 1 + random.Uint64()%70
		private, public, shared := make([][32]byte, n), make([][32]byte, n), make([][32]byte, n)
		agreements := make([]curve.Agreement, n)
		for i := range agreements {
			random.Read(private[i][:])
			random.Read(public[i][:])
			agreements[i] = curve.Agreement{Shared: &shared[i], Private: &private[i], Public: &public[i]}
			switch random.Uint64() % 4 {
			case 0:
				agreements[i].Public = nil
			case 1:
				public[i] = [32]byte(lowOrder(torsion, i%8).BytesMontgomery())
			}
		}
		curve.AgreeAll(agreements)
		for i, a := range agreements {
			var want [32]byte
			low := false
			if a.Public == nil {
				curve.Public(&want, &private[i])
			} else {
				low = curve.Agree(&want, &private[i], &public[i]) != nil
			}
			if shared[i] != want || a.LowOrder != low {
				t.Fatalf("%d of %d: %x with %x is %x, low order: %v", i, n, private[i], public[i], shared[i], a.LowOrder)
			}
		}
		left -= int(n)
	}
	curve.AgreeAll(nil)
}

// If this failed, one machine would accept a bundle that another rejects.
func FuzzCheckAll(f *testing.F) {
	torsion := torsionPoint(f)
	random := rand.NewChaCha8([32]byte{8})
	s := newSigner()
	for way := range ways {
		b := honest(s, make([]byte, 33))
		s.spoil(&b, way, random, torsion)
		f.Add(b.identity[:], b.prekey[:], b.signature[:], b.message)
	}
	f.Fuzz(func(t *testing.T, identity, prekey, signature, message []byte) {
		good, hostile := honest(s, message), honest(s, message)
		copy(hostile.identity[:], identity)
		copy(hostile.prekey[:], prekey)
		copy(hostile.signature[:], signature)
		if compare(t, append(good.checks(), hostile.checks()...)) < len(good.checks()) {
			t.Fatal("a hostile bundle spoils an honest one beside it")
		}
	})
}

// BenchmarkCheckAll checks a bundle with a one-time prekey, as session.CheckAll does.
func BenchmarkCheckAll(b *testing.B) {
	for _, bench := range []struct {
		name    string
		bundles int
	}{{"1", 1}, {"2", 2}, {"3", 3}, {"4", 4}, {"8", 8}} {
		b.Run(bench.name, func(b *testing.B) {
			var checks []curve.Check
			for range bench.bundles {
				one := honest(newSigner(), make([]byte, 33))
				checks = append(checks, append(one.checks(), curve.Check{Public: &one.prekey})...)
			}
			for b.Loop() {
				curve.CheckAll(checks)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(bench.bundles), "ns/bundle")
		})
	}
}

// BenchmarkAgreeAll has the agreements and key pairs of a session that begins.
func BenchmarkAgreeAll(b *testing.B) {
	var private, public, shared [32]byte
	curve.Generate(&private, &public)
	agreements := make([]curve.Agreement, 7)
	for i := range agreements {
		agreements[i] = curve.Agreement{Shared: &shared, Private: &private, Public: &public}
	}
	agreements[0].Public, agreements[1].Public = nil, nil
	for b.Loop() {
		curve.AgreeAll(agreements)
	}
}
