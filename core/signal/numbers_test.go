package signal

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// If this failed, a prekey would be published twice, or forgotten.
func TestNumbersAreASet(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		var set numbers
		want := map[uint32]bool{}
		for range 60 {
			first, count := 1+random.Uint32N(40), 1+random.Uint32N(5)
			if random.IntN(2) == 0 {
				set.add(span{first, count})
				for id := first; id < first+count; id++ {
					want[id] = true
				}
			} else {
				if set.remove(first) != want[first] {
					t.Fatalf("remove %d of %v", first, set)
				}
				delete(want, first)
			}
			var all []uint32
			for id := uint32(1); id < 50; id++ {
				if set.has(id) != want[id] {
					t.Fatalf("%d in %v: %v", id, set, set.has(id))
				}
				if want[id] {
					all = append(all, id)
				}
			}
			if !slices.Equal(all, set.list()) || set.count() != len(all) {
				t.Fatalf("%v lists %v, not %v", set, set.list(), all)
			}
			for i := 1; i < len(set); i++ {
				if set[i-1].end() >= set[i].first {
					t.Fatalf("%v has no gap between two spans", set)
				}
			}
		}
	}
}

// The largest number that there is has its place too.
func TestNumbersAtTheirEnd(t *testing.T) {
	var set numbers
	set.add(span{maxPrekeyID, 1})
	set.add(span{1, maxPrekeyID})
	if len(set) != 1 || !set.has(maxPrekeyID) || !set.has(1) || set.has(0) || set.count() != maxPrekeyID {
		t.Fatalf("all numbers are %v", set)
	}
	if !set.remove(maxPrekeyID) || set.has(maxPrekeyID) || set.count() != maxPrekeyID-1 {
		t.Fatalf("all but the last are %v", set)
	}
}
