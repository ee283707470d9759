//go:build !purego

package lanes

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/sys/cpu"

	"libcallkey/core/curve/lanes/internal/vectors"
)

var p = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))

// value is what the limbs of a lane say.
func value(e *element, lane int) *big.Int {
	n := new(big.Int).SetUint64(e[4][lane])
	for i := 3; i >= 0; i-- {
		n.Lsh(n, 52)
		n.Add(n, new(big.Int).SetUint64(e[i][lane]&mask52))
	}
	return n.Mod(n, p)
}

// full is an element at the bounds that tools/lanes proves for what carry makes: limbs of all
// ones, zeros and random bits, with high bits that do not count.
func full(random *rand.ChaCha8) (e element) {
	const ready = 1<<47 + 1<<8
	for i := range e {
		for lane := range e[i] {
			n := random.Uint64()
			switch n % 3 {
			case 0:
				n = 1<<63 - 1
			case 1:
				n = n &^ mask52 & (1<<63 - 1)
			}
			if i == 4 {
				n = min(n&(1<<48-1), ready-n%7)
			}
			e[i][lane] = n
		}
	}
	return e
}

// If this failed, a secret would be wrong once in a very long time.
func TestArithmetic(t *testing.T) {
	if !Available() {
		t.Skip("needs a processor with AVX-512 IFMA")
	}
	random := rand.NewChaCha8([32]byte{3})
	for range 5000 {
		a, b := full(random), full(random)
		var product, squared element
		multiply(&product, &a, &b)
		square(&squared, &a, 3)
		for lane := range Width {
			x, y := value(&a, lane), value(&b, lane)
			if want := y.Mod(y.Mul(y, x), p); value(&product, lane).Cmp(want) != 0 {
				t.Fatalf("lane %d: %x times %x is %x", lane, a, b, product)
			}
			if want := x.Exp(x, big.NewInt(8), p); value(&squared, lane).Cmp(want) != 0 {
				t.Fatalf("lane %d: %x squared three times is %x", lane, a, squared)
			}
			for _, e := range []*element{&a, &product, &squared} {
				var got, want [32]byte
				get(e, lane, &got)
				value(e, lane).FillBytes(want[:])
				if slices.Reverse(want[:]); got != want {
					t.Fatalf("lane %d of %x is %x, want %x", lane, *e, got, want)
				}
			}
		}
	}
}

func TestInvert(t *testing.T) {
	if !Available() {
		t.Skip("needs a processor with AVX-512 IFMA")
	}
	random := rand.NewChaCha8([32]byte{4})
	for range 200 {
		a := full(random)
		var inverse element
		invert(&inverse, &a)
		for lane := range Width {
			x := value(&a, lane)
			if want := new(big.Int).Exp(x, new(big.Int).Sub(p, big.NewInt(2)), p); value(&inverse, lane).Cmp(want) != 0 {
				t.Fatalf("lane %d: the inverse of %x is %x", lane, a, inverse)
			}
		}
	}
}

// If this failed, what a private key was multiplied with would stay in the vector registers: no
// other code of this program uses the upper ones.
func TestRegistersAreCleared(t *testing.T) {
	if !Available() || !cpu.X86.HasAVX512BW {
		t.Skip("needs a processor with AVX-512 IFMA")
	}
	random := rand.NewChaCha8([32]byte{5})
	a := full(random)
	var u, r element
	for lane := range Width {
		set(&u, lane, &[32]byte{9})
	}
	scalars := [4][Width]uint64{{1}, {2}, {3}, {4}}
	var points [4]element
	for name, work := range map[string]func(){
		"ladder":   func() { ladder(&points, &u, &scalars) },
		"square":   func() { square(&r, &a, 2) },
		"multiply": func() { multiply(&r, &a, &a) },
	} {
		var registers [32][8]uint64
		var masks [8]uint64
		// Another goroutine may run in between, so the best of a few counts.
		for range 5 {
			work()
			if vectors.Save(&registers, &masks); registers == [32][8]uint64{} && masks == [8]uint64{} {
				break
			}
		}
		if registers != [32][8]uint64{} || masks != [8]uint64{} {
			t.Errorf("%s leaves %x and masks %x", name, registers, masks)
		}
	}
}
