package curve

import (
	"sync"

	"filippo.io/edwards25519"
	"filippo.io/edwards25519/field"
	fp "github.com/cloudflare/circl/math/fp25519"
)

// A batch verifies signatures together. Signature i is right if D = sB - hA - R is the neutral
// element, where s, h, A and R are its own. The batch is right if the sum of zD is, with a random z
// for each signature. The sum takes the doublings of one multiplication for all.
//
// Its verdict is Verify's:
//
//   - Verify compares sB - hA with R as bytes. R has one spelling, so the R of a batch must be
//     written as Ed25519 writes it (read). Then D is neutral if and only if Verify is true.
//   - Every A and every R is in the prime-order subgroup (checkKeys, checkRs), and B is. So every D
//     is, too. Otherwise a D of low order would vanish with every z that its order divides, and two
//     of order 2 would cancel each other.
//   - Each z has 2¹²⁸ values, below the group's order. If a D is not neutral, then whatever the other
//     terms are, at most one value of its z makes the sum neutral. So a batch with a wrong
//     signature passes with a probability of at most 2⁻¹²⁸. Whoever makes signatures cannot choose
//     them by z, which is drawn afterwards.
//
// What does not fit these conditions, and every signature of a batch that is not right, is left to
// Verify. All of it is public, and z is of no use once the sum is made: the time depends on them.
type batch struct {
	all  [mostTogether]batched
	live []*batched // those of all that may take part
	// For invertAll.
	denominators, room [2 * mostTogether]field.Element
}

// mostTogether is how many signatures a chunk of checks has where each has a bundle's other checks.
const mostTogether = chunk / 4

// fewestTogether is the number of signatures from which on a batch is faster than Verify for each.
const fewestTogether = 3

// spareBatches are too large for a stack, like lanes.Multiply's memory.
var spareBatches = sync.Pool{New: func() any { return new(batch) }}

// acceptTogether sets accepted for signatures that Verify would accept too, and for their keys, which
// Validate would.
func acceptTogether(checks []Check, accepted *[chunk]bool) {
	w := spareBatches.Get().(*batch)
	w.accept(checks, accepted)
	spareBatches.Put(w)
}

func (w *batch) accept(checks []Check, accepted *[chunk]bool) {
	w.read(checks)
	if len(w.live) < fewestTogether {
		return
	}
	w.checkKeys(checks, accepted)
	w.checkRs()
	if len(w.live) < fewestTogether || !w.right(checks) {
		return
	}
	for _, b := range w.live {
		accepted[b.at] = true
	}
}

// read takes the signatures whose key is checked too, and whose parts are written as they should.
func (w *batch) read(checks []Check) {
	w.live = w.live[:0]
	for i := range checks {
		if len(w.live) == mostTogether {
			return
		}
		if checks[i].Signature == nil {
			continue
		}
		b := &w.all[len(w.live)]
		b.at, b.keyAt = i, keyCheck(checks, checks[i].Public)
		if b.keyAt >= 0 && b.read(checks[i].Signature) {
			w.live = append(w.live, b)
		}
	}
}

// keyCheck returns the place of the check of a key, or -1.
func keyCheck(checks []Check, public *[Bytes]byte) int {
	for i := range checks {
		if c := &checks[i]; c.Signature == nil && *c.Public == *public { // public: public keys
			return i
		}
	}
	return -1
}

// keep drops signatures.
func (w *batch) keep(good func(*batched) bool) {
	kept := w.live[:0]
	for _, b := range w.live {
		if good(b) {
			kept = append(kept, b)
		}
	}
	w.live = kept
}

func (w *batch) checkKeys(checks []Check, accepted *[chunk]bool) {
	w.keep(func(b *batched) bool {
		accepted[b.keyAt] = b.key.setKey(checks[b.keyAt].Public)
		return accepted[b.keyAt]
	})
}

func (w *batch) checkRs() {
	n := len(w.live)
	for i, b := range w.live {
		w.denominators[i].Subtract(&one, &b.y)
	}
	invertAll(w.denominators[:n], w.room[:n])
	for i, b := range w.live {
		b.r.x.Add(&one, &b.y) // u = (1+y)/(1-y)
		b.r.x.Multiply(&b.r.x, &w.denominators[i])
	}
	w.keep(func(b *batched) bool { return b.r.primeOrder() })
}

// right reports whether the sum is neutral.
func (w *batch) right(checks []Check) bool {
	n := 2 * len(w.live)
	for i, b := range w.live {
		w.denominators[2*i] = b.keyDenominator()
		w.denominators[2*i+1] = b.r.denominator()
	}
	invertAll(w.denominators[:n], w.room[:n])
	var s edwards25519.Scalar
	for i, b := range w.live {
		b.fill(&checks[b.at], &w.denominators[2*i], &w.denominators[2*i+1])
		s.MultiplyAdd(&b.z, &b.s, &s)
	}
	sum := w.sum(&s)
	fp.Sub(&sum.Y, &sum.Y, &sum.Z)
	return fp.IsZero(&sum.X) && fp.IsZero(&sum.Y)
}

// sum is s times the base point minus the terms of each signature.
func (w *batch) sum(s *edwards25519.Scalar) extended {
	makeOddOfBase()
	ofBase := nonAdjacent((*[Bytes]byte)(s.Bytes()), 8)
	p := neutral
	for i := len(ofBase) - 1; i >= 0; i-- {
		p.double(true)
		p.addDigit(oddOfBase[:], ofBase[i], 0)
		for _, b := range w.live {
			p.addDigit(b.ofKey.odd[:], b.ofKey.digits[i], 1)
			p.addDigit(b.ofR.odd[:], b.ofR.digits[i], 1)
		}
	}
	return p
}
