package curve

import (
	"sync"

	"filippo.io/edwards25519/field"
	fp "github.com/cloudflare/circl/math/fp25519"
)

// agreeByTables makes up to chunk agreements. Those with one public key share a table of its
// multiples, which costs as much as one agreement and saves more than half of each; and one
// inversion makes the coordinates of all products.
func agreeByTables(agreements []Agreement) {
	w := spareAgreeing.Get().(*agreeing)
	defer func() {
		*w = agreeing{}
		spareAgreeing.Put(w)
	}()
	w.agree(agreements)
}

// agreeing is what agreeByTables works on. It is too large for a stack, like lanes.Multiply's.
type agreeing struct {
	products [chunk]extended
	results  [chunk]*[Bytes]byte
	done     [chunk]bool
	ofKey    [4]multiples
}

var spareAgreeing = sync.Pool{New: func() any { return new(agreeing) }}

func (w *agreeing) agree(agreements []Agreement) {
	n := 0
	take := func(a *Agreement, product extended) {
		w.products[n], w.results[n] = product, a.Shared
		a.LowOrder = false
		n++
	}
	for i := range agreements {
		a := &agreements[i]
		switch {
		case w.done[i]:
		case a.Public == nil:
			take(a, multipleOfBase(a.Private))
		case sharing(agreements[i:], a.Public) == 1 || !multiplesOfKey(&w.ofKey, a.Public):
			a.LowOrder = !agree(a.Shared, a.Private, a.Public)
		default:
			for j := i; j < len(agreements); j++ {
				if agreements[j].with(a.Public) {
					take(&agreements[j], multiply(w.ofKey[:], agreements[j].Private))
					w.done[j] = true
				}
			}
		}
	}
	coordinates(w.results[:n], w.products[:n])
}

func (a *Agreement) with(public *[Bytes]byte) bool {
	return a.Public != nil && *a.Public == *public // public: public keys
}

func sharing(agreements []Agreement, public *[Bytes]byte) (count int) {
	for i := range agreements {
		if agreements[i].with(public) {
			count++
		}
	}
	return count
}

// multiplesOfKey fills tables for a key of the curve. It returns false for a key of the twist,
// which has no point here, and for one of low order, of which multiply has no coordinate.
func multiplesOfKey(tables *[4]multiples, public *[Bytes]byte) bool {
	var x, y, u field.Element
	if _, err := u.SetBytes(public[:]); err != nil {
		return false
	}
	if !edwardsPoint(&x, &y, &u, 0) {
		return false
	}
	point := fromAffine(&x, &y)
	multiple := point
	for range 2 {
		multiple.double(false)
	}
	if fp.IsZero(&multiple.X) { // (0, 1) or (0, -1), of order 1 or 2
		return false
	}
	var room [8 * len(tables)]extended
	fillMultiples(tables[:], room[:], &point)
	return true
}
