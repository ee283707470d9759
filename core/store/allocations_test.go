// Under the race detector a pool forgets at random.
//go:build !race

package store

import "testing"

// If this failed, a warm message would pay for the memory of its transaction.
func TestAllocationsOfATransaction(t *testing.T) {
	s := openKind(t, "memory")
	row, kept := []byte("row"), &note{}
	names := []string{"device b", "device a"}
	work := func(tx *Tx) error {
		part := tx.Part()
		part.Take("a")
		part.Put(Chains, "a", row)
		part.Keep("a", kept)
		return nil
	}
	call := func() {
		held := s.Lock(names...)
		defer held.Unlock()
		if err := held.Update(work); err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(100, call); n != 0 {
		t.Errorf("it allocates %v times", n)
	}
	if got := taken(t, s, "a"); got != kept || got.wiped {
		t.Errorf("Take returns %v", got)
	}
}
