package lanes_test

import (
	"bytes"
	"encoding/hex"
	"flag"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cloudflare/circl/dh/x25519"

	"libcallkey/core/curve/lanes"
)

var inputs = flag.Int("inputs", 20_000, "random inputs to compare with the ordinary ladder")

func needLanes(t testing.TB) {
	t.Helper()
	if !lanes.Available() {
		t.Skip("needs a processor with AVX-512 IFMA")
	}
}

// A pair is a scalar and a coordinate.
type pair struct{ scalar, u [32]byte }

// agree multiplies with clamped scalars in lanes, and compares with the ordinary ladder.
func agree(t *testing.T, pairs []pair) {
	t.Helper()
	jobs, got := make([]lanes.Job, len(pairs)), make([][32]byte, len(pairs))
	for i := range pairs {
		jobs[i] = lanes.Job{Scalar: &pairs[i].scalar, Clamp: true, U: &pairs[i].u, X: &got[i]}
	}
	before := slices.Clone(pairs)
	lanes.Multiply(jobs)
	if !slices.Equal(pairs, before) {
		t.Fatal("an input was changed")
	}
	for i := range pairs {
		var want x25519.Key
		// It is false for a point of low order.
		finite := x25519.Shared(&want, (*x25519.Key)(&pairs[i].scalar), (*x25519.Key)(&pairs[i].u))
		if got[i] != want || !finite && got[i] != [32]byte{} {
			t.Fatalf("lane %d of %d: %x times %x is %x, want %x", i%lanes.Width, len(pairs), pairs[i].scalar, pairs[i].u, got[i], want)
		}
	}
}

func fromHex(t testing.TB, text string) (b [32]byte) {
	t.Helper()
	if n, err := hex.Decode(b[:], []byte(text)); err != nil || n != 32 {
		t.Fatalf("%q: %v", text, err)
	}
	return b
}

// RFC 7748 §5.2: two products, and one that is put in again 1,000 times; in each lane.
func TestKnownAnswers(t *testing.T) {
	needLanes(t)
	for _, known := range [][3]string{
		{"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4", "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c", "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
		{"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d", "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493", "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"},
	} {
		scalar, u, want := fromHex(t, known[0]), fromHex(t, known[1]), fromHex(t, known[2])
		for n := range lanes.Width {
			jobs, got := make([]lanes.Job, n+1), make([][32]byte, n+1)
			for i := range jobs {
				jobs[i] = lanes.Job{Scalar: &scalar, Clamp: true, U: &u, X: &got[i]}
			}
			lanes.Multiply(jobs)
			for i := range got {
				if got[i] != want {
					t.Fatalf("lane %d of %d: %x, want %x", i, n+1, got[i], want)
				}
			}
		}
	}
	var k, u [lanes.Width][32]byte
	var jobs [lanes.Width]lanes.Job
	for i := range jobs {
		k[i], u[i] = [32]byte{9}, [32]byte{9}
	}
	for round := 1; round <= 1000; round++ {
		before := k
		for i := range jobs {
			jobs[i] = lanes.Job{Scalar: &before[i], Clamp: true, U: &u[i], X: &k[i]}
		}
		lanes.Multiply(jobs[:])
		u = before
		var want [32]byte
		switch round {
		case 1:
			want = fromHex(t, "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079")
		case 1000:
			want = fromHex(t, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51")
		default:
			continue
		}
		for i := range k {
			if k[i] != want {
				t.Fatalf("lane %d after %d rounds: %x", i, round, k[i])
			}
		}
	}
}

var p = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))

func little(n *big.Int) (b [32]byte) {
	n.FillBytes(b[:])
	slices.Reverse(b[:])
	return b
}

func number(b [32]byte) *big.Int {
	slices.Reverse(b[:])
	return new(big.Int).SetBytes(b[:])
}

// edges are coordinates at the ends of what 32 bytes can say, of points of low order on the curve
// and its twist, and with the limbs of 52 bits full or empty; all with and without bit 255.
func edges(t testing.TB) (us [][32]byte) {
	for _, base := range []*big.Int{new(big.Int), p} {
		for n := int64(-20); n <= 20; n++ {
			if e := new(big.Int).Add(base, big.NewInt(n)); e.Sign() >= 0 && e.BitLen() <= 255 {
				us = append(us, little(e))
			}
		}
	}
	for _, text := range []string{
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	} {
		us = append(us, fromHex(t, text))
	}
	for limb := range 5 {
		full := new(big.Int).Lsh(big.NewInt(1<<52-1), uint(52*limb))
		full.Mod(full, new(big.Int).Lsh(big.NewInt(1), 255))
		us = append(us, little(full), little(new(big.Int).Sub(new(big.Int).Sub(p, big.NewInt(1)), new(big.Int).Mod(full, p))))
	}
	for _, u := range us {
		u[31] |= 0x80
		us = append(us, u)
	}
	return us
}

func edgeScalars() (scalars [][32]byte) {
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	for _, n := range []*big.Int{
		new(big.Int), big.NewInt(1), big.NewInt(8), order, new(big.Int).Sub(order, big.NewInt(1)),
		new(big.Int).Add(order, big.NewInt(1)), new(big.Int).Lsh(order, 3), p,
	} {
		scalars = append(scalars, little(n))
	}
	return append(scalars, [32]byte(bytes.Repeat([]byte{0xff}, 32)), [32]byte(bytes.Repeat([]byte{0xaa}, 32)), [32]byte(bytes.Repeat([]byte{0x55}, 32)))
}

// If this failed, some peer's key would give another secret here than elsewhere, or spoil the
// secrets of the others in the batch.
func TestEdges(t *testing.T) {
	needLanes(t)
	us, scalars := edges(t), edgeScalars()
	var pairs []pair
	for _, u := range us {
		for _, scalar := range scalars {
			pairs = append(pairs, pair{scalar, u})
		}
	}
	agree(t, pairs)
	for range 4 {
		rand.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
		agree(t, pairs)
	}
	// Each edge beside seven of each other: what it was with others, it is here.
	want := map[pair][32]byte{}
	for _, q := range pairs {
		var x x25519.Key
		x25519.Shared(&x, (*x25519.Key)(&q.scalar), (*x25519.Key)(&q.u))
		want[q] = x
	}
	step := 1
	if testing.Short() {
		step = 7
	}
	for i, u := range us {
		for j := i % step; j < len(us); j += step {
			var mix [lanes.Width]pair
			var got [lanes.Width][32]byte
			var jobs [lanes.Width]lanes.Job
			for k := range mix {
				mix[k] = pair{scalars[(i+j+k)%len(scalars)], us[j]}
				if k == (i+j)%lanes.Width {
					mix[k].u = u
				}
				jobs[k] = lanes.Job{Scalar: &mix[k].scalar, Clamp: true, U: &mix[k].u, X: &got[k]}
			}
			lanes.Multiply(jobs[:])
			for k := range mix {
				if got[k] != want[mix[k]] {
					t.Fatalf("lane %d: %x times %x is %x, beside %x", k, mix[k].scalar, mix[k].u, got[k], us[j])
				}
			}
		}
	}
}

func TestRandom(t *testing.T) {
	needLanes(t)
	seed := [32]byte{byte(rand.Uint32()), byte(rand.Uint32()), byte(rand.Uint32())}
	t.Logf("seed %x", seed)
	random := rand.NewChaCha8(seed)
	for left := *inputs; left > 0; {
		pairs := make([]pair, min(1+random.Uint64()%70, uint64(left)))
		for i := range pairs {
			random.Read(pairs[i].scalar[:])
			random.Read(pairs[i].u[:])
		}
		agree(t, pairs)
		left -= len(pairs)
	}
}

// A point is one of the curve or its twist by its coordinate: the judge of scalars as they are,
// and of what comes next. It knows no second coordinate either, but divides in each step.
type point struct{ x, z *big.Int }

var a24 = big.NewInt(121665)

// ladder returns n times and n+1 times u: the formulas of RFC 7748 §5 with numbers of any size.
func ladder(n, u *big.Int) (point, point) {
	mod := func(n *big.Int) *big.Int { return n.Mod(n, p) }
	mul := func(a, b *big.Int) *big.Int { return mod(new(big.Int).Mul(a, b)) }
	add := func(a, b *big.Int) *big.Int { return mod(new(big.Int).Add(a, b)) }
	sub := func(a, b *big.Int) *big.Int { return mod(new(big.Int).Sub(a, b)) }
	p0, p1 := point{big.NewInt(1), new(big.Int)}, point{u, big.NewInt(1)}
	for i := 254; i >= 0; i-- {
		if n.Bit(i) == 1 {
			p0, p1 = p1, p0
		}
		s, d := add(p0.x, p0.z), sub(p0.x, p0.z)
		da, cb := mul(sub(p1.x, p1.z), s), mul(add(p1.x, p1.z), d)
		aa, bb := mul(s, s), mul(d, d)
		e := sub(aa, bb)
		f, g := add(da, cb), sub(da, cb)
		p0, p1 = point{mul(aa, bb), mul(e, add(aa, mul(a24, e)))}, point{mul(f, f), mul(u, mul(g, g))}
		if n.Bit(i) == 1 {
			p0, p1 = p1, p0
		}
	}
	return p0, p1
}

func (q point) quotient() *big.Int {
	inverse := new(big.Int).Exp(q.z, new(big.Int).Sub(p, big.NewInt(2)), p)
	return inverse.Mod(inverse.Mul(inverse, q.x), p)
}

// If this failed, a check of a key or a signature would meet a wrong product.
func TestScalarsAsTheyAre(t *testing.T) {
	needLanes(t)
	var pairs []pair
	for _, u := range edges(t) {
		for _, scalar := range edgeScalars() {
			pairs = append(pairs, pair{scalar, u})
		}
	}
	random := rand.NewChaCha8([32]byte{1})
	for range 200 {
		var q pair
		random.Read(q.scalar[:])
		random.Read(q.u[:])
		pairs = append(pairs, q)
	}
	rand.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
	if testing.Short() {
		pairs = pairs[:200]
	}
	jobs, got, next := make([]lanes.Job, len(pairs)), make([][32]byte, len(pairs)), make([][2][32]byte, len(pairs))
	for i := range pairs {
		jobs[i] = lanes.Job{Scalar: &pairs[i].scalar, U: &pairs[i].u, X: &got[i], Next: &next[i]}
	}
	lanes.Multiply(jobs)
	infinite := 0
	for i, q := range pairs {
		q.scalar[31] &= 127
		q.u[31] &= 127
		u := number(q.u)
		if u.Mod(u, p); u.Sign() == 0 {
			continue
		}
		product, after := ladder(number(q.scalar), u)
		if got[i] != little(product.quotient()) || jobs[i].Infinite != (product.z.Sign() == 0) {
			t.Fatalf("%x times %x is %x, infinite: %v", q.scalar, q.u, got[i], jobs[i].Infinite)
		}
		if jobs[i].Infinite {
			infinite++
		}
		n := point{number(next[i][0]), number(next[i][1])}
		if (n.z.Sign() == 0) != (after.z.Sign() == 0) || n.z.Sign() != 0 && n.quotient().Cmp(after.quotient()) != 0 {
			t.Fatalf("after %x times %x comes %x/%x", q.scalar, q.u, next[i][0], next[i][1])
		}
	}
	if infinite == 0 {
		t.Error("no product was infinite")
	}
}

// The results may be written where the inputs were.
func TestInPlace(t *testing.T) {
	needLanes(t)
	random := rand.NewChaCha8([32]byte{2})
	var jobs [100]lanes.Job
	var pairs, got [100]pair
	for i := range jobs {
		random.Read(pairs[i].scalar[:])
		random.Read(pairs[i].u[:])
		got[i] = pairs[i]
		jobs[i] = lanes.Job{Scalar: &got[i].scalar, Clamp: true, U: &got[i].u, X: &got[i].u}
	}
	lanes.Multiply(jobs[:])
	for i := range jobs {
		var want x25519.Key
		x25519.Shared(&want, (*x25519.Key)(&pairs[i].scalar), (*x25519.Key)(&pairs[i].u))
		if got[i].u != want {
			t.Fatalf("%x, want %x", got[i].u, want)
		}
	}
}

// If this failed, each agreement would cost a microsecond more where the runtime erases what is
// allocated.
func TestNoAllocation(t *testing.T) {
	needLanes(t)
	var jobs [20]lanes.Job
	var scalar, u, x [32]byte
	for i := range jobs {
		jobs[i] = lanes.Job{Scalar: &scalar, U: &u, X: &x}
	}
	if n := testing.AllocsPerRun(10, func() { lanes.Multiply(jobs[:]) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	lanes.Multiply(nil)
}

func FuzzMultiply(f *testing.F) {
	needLanes(f)
	for _, u := range edges(f) {
		f.Add(append(bytes.Repeat([]byte{0xff}, 32), u[:]...))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		var pairs []pair
		for len(input) > 0 && len(pairs) < 40 {
			var q pair
			input = input[copy(q.scalar[:], input):]
			input = input[copy(q.u[:], input):]
			pairs = append(pairs, q)
		}
		agree(t, pairs)
	})
}

func BenchmarkMultiply(b *testing.B) {
	needLanes(b)
	for _, bench := range []struct {
		name string
		jobs int
	}{{"1", 1}, {"8", 8}, {"16", 16}, {"32", 32}} {
		b.Run(bench.name, func(b *testing.B) {
			jobs := make([]lanes.Job, bench.jobs)
			var scalar, u, x [32]byte
			u[0] = 9
			for i := range jobs {
				jobs[i] = lanes.Job{Scalar: &scalar, Clamp: true, U: &u, X: &x}
			}
			for b.Loop() {
				lanes.Multiply(jobs)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(bench.jobs), "ns/job")
		})
	}
}
