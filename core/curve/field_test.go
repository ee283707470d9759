package curve

import (
	"math/big"
	"slices"
	"testing"

	"filippo.io/edwards25519/field"
)

// integer is the number that an element stands for.
func integer(e *field.Element) *big.Int {
	bytes := e.Bytes()
	slices.Reverse(bytes)
	return new(big.Int).SetBytes(bytes)
}

// If this failed, keys would be judged by another curve.
func TestConstants(t *testing.T) {
	p := new(big.Int).Lsh(big.NewInt(1), 255)
	p.Sub(p, big.NewInt(19))
	a := big.NewInt(486662)
	n := new(big.Int).Mul(a, a)
	n.Sub(n, big.NewInt(4))
	is := func(name string, e *field.Element, want *big.Int) {
		t.Helper()
		if got := integer(e); got.Cmp(new(big.Int).Mod(want, p)) != 0 {
			t.Errorf("%s is %d", name, got)
		}
	}
	squared := func(e *field.Element) *field.Element { return new(field.Element).Square(e) }
	is("one", &one, big.NewInt(1))
	is("two", &two, big.NewInt(2))
	is("half", &half, new(big.Int).ModInverse(big.NewInt(2), p))
	is("A", &montgomeryA, a)
	is("the square of the root of -1", squared(&rootOfMinusOne), big.NewInt(-1))
	is("A²-4", &nonsquare, n)
	is("the square of edwardsScale", squared(&edwardsScale), new(big.Int).Sub(big.NewInt(-2), a))
	is("the square of order4", squared(&order4), new(big.Int).Add(a, big.NewInt(2)))
	d := new(big.Int).ModInverse(big.NewInt(121666), p)
	double, _ := new(field.Element).SetBytes(twoD[:])
	is("2d", double, d.Mul(d, big.NewInt(-2*121665)))
	want := new(big.Int).ModInverse(new(big.Int).Exp(n, big.NewInt(3), p), p)
	is("the square of swap", squared(&swap), want.Mul(want, integer(&rootOfMinusOne)))
	for name, symbol := range map[string]int{
		"2":          big.Jacobi(big.NewInt(2), p),
		"root of -1": big.Jacobi(integer(&rootOfMinusOne), p),
		"A²-4":       big.Jacobi(n, p),
	} {
		if symbol != -1 {
			t.Errorf("%s is a square", name)
		}
	}
}

// Every residue class has its own answer.
func TestRoots(t *testing.T) {
	p := new(big.Int).Lsh(big.NewInt(1), 255)
	p.Sub(p, big.NewInt(19))
	quarter := new(big.Int).Rsh(p, 2)
	var z, root field.Element
	seen := map[string]int{}
	for range 500 {
		z.Add(&z, &one)
		symbol := quarticSymbol(&z)
		if want := new(big.Int).Exp(integer(&z), quarter, p); integer(&symbol).Cmp(want) != 0 {
			t.Fatalf("the symbol of %d is %d, want %d", integer(&z), integer(&symbol), want)
		}
		seen[integer(&symbol).String()]++
		square := squareRoot(&root, &z)
		if want := big.Jacobi(integer(&z), p) == 1; square != want {
			t.Fatalf("%d is a square: %v, want %v", integer(&z), square, want)
		}
		got := new(field.Element).Square(&root)
		if !square { // then it is the root of ±√-1 times z
			got.Multiply(got, &rootOfMinusOne)
			if got.Equal(&z) != 1 {
				got.Negate(got)
			}
		}
		if got.Equal(&z) != 1 {
			t.Fatalf("the root of %d is %d", integer(&z), integer(&root))
		}
	}
	if len(seen) != 4 {
		t.Errorf("symbols are %v", seen)
	}
	if !squareRoot(&root, new(field.Element)) || integer(&root).Sign() != 0 {
		t.Error("the root of 0 is not 0")
	}
}
