package curve_test

import (
	"crypto/rand"
	"math/big"
	"slices"
	"testing"

	"filippo.io/edwards25519"

	"libcallkey/core/curve"
)

// order8 generates the points of low order.
func order8(t *testing.T) *edwards25519.Point {
	t.Helper()
	point, err := new(edwards25519.Point).SetBytes(fromHex(t, "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"))
	if err != nil {
		t.Fatal(err)
	}
	return point
}

// little is n as 32 bytes, the least first.
func little(n *big.Int) [32]byte {
	bytes := n.FillBytes(make([]byte, 32))
	slices.Reverse(bytes)
	return [32]byte(bytes)
}

func prime() *big.Int {
	p := new(big.Int).Lsh(big.NewInt(1), 255)
	return p.Sub(p, big.NewInt(19))
}

func sameVerdict(t *testing.T, public [32]byte) (accepted bool) {
	t.Helper()
	accepted = curve.Validate(&public) == nil
	if want := halvedThrice(&public); accepted != want {
		t.Fatalf("%x is accepted: %v, want %v", public, accepted, want)
	}
	return accepted
}

// If this failed, we would reject honest devices or accept a second spelling of an identity.
func TestSameVerdictAsThreeHalvings(t *testing.T) {
	accepted, tried := 0, compared()
	for range tried {
		var public [32]byte
		rand.Read(public[:])
		public[31] &= 0x7f
		if sameVerdict(t, public) {
			accepted++
		}
	}
	if accepted < tried/32 || accepted > tried/8 {
		t.Errorf("%d of %d random x-coordinates accepted, a sixteenth is right", accepted, tried)
	}
}

// Every coset of the prime-order subgroup but itself is rejected.
func TestOnlyThePrimeOrderSubgroup(t *testing.T) {
	torsion := order8(t)
	for range compared() / 20 {
		private, _ := generate(t)
		scalar, _ := edwards25519.NewScalar().SetBytesWithClamping(private[:])
		point := new(edwards25519.Point).ScalarBaseMult(scalar)
		for order := range 8 {
			if sameVerdict(t, [32]byte(point.BytesMontgomery())) != (order == 0) {
				t.Fatalf("a point plus %d times the torsion generator has the other verdict", order)
			}
			point.Add(point, torsion)
		}
	}
}

// Small numbers, numbers around the multiples of p and of 2^255, and the points of low order
// of the curve and of the twist, in each spelling.
func TestSameVerdictOnEdges(t *testing.T) {
	p := prime()
	top := new(big.Int).Lsh(big.NewInt(1), 255)
	var edges []*big.Int
	for _, base := range []*big.Int{new(big.Int), p, top, new(big.Int).Add(top, p), new(big.Int).Rsh(p, 1)} {
		for distance := int64(-40); distance <= 40; distance++ {
			edges = append(edges, new(big.Int).Add(base, big.NewInt(distance)))
		}
	}
	point := edwards25519.NewIdentityPoint()
	for range 8 {
		public := point.BytesMontgomery()
		slices.Reverse(public)
		x := new(big.Int).SetBytes(public)
		edges = append(edges, x, new(big.Int).Add(x, p), new(big.Int).Sub(p, x))
		point.Add(point, order8(t))
	}
	seen, accepted := 0, 0
	for _, x := range edges {
		if x.Sign() < 0 || x.BitLen() > 256 {
			continue
		}
		seen++
		if sameVerdict(t, little(x)) {
			accepted++
			if x.Cmp(p) >= 0 {
				t.Errorf("%x, which is not reduced, is accepted", x)
			}
		}
	}
	if seen < 300 || accepted == 0 || accepted == seen {
		t.Errorf("%d of %d edges accepted", accepted, seen)
	}
}
