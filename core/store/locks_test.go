package store

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// If this failed, two calls could work on one device at once, or wait for each other for ever.
func TestLocksExcludeEachOther(t *testing.T) {
	s := openKind(t, "memory")
	names := []string{"a", "b", "c", "d", "e"}
	inside := make(map[string]*atomic.Int32)
	for _, name := range names {
		inside[name] = new(atomic.Int32)
	}
	for _, most := range []int{1, 4} {
		var threads sync.WaitGroup
		for range 8 {
			threads.Go(func() {
				for range 500 {
					var wanted []string
					for range 1 + rand.IntN(most) { // in any order, and some twice
						wanted = append(wanted, names[rand.IntN(len(names))])
					}
					held := s.Lock(wanted...)
					for _, name := range held.names {
						if inside[name].Add(1) != 1 {
							t.Errorf("two have the lock of %s", name)
						}
					}
					runtime.Gosched()
					for _, name := range held.names {
						inside[name].Add(-1)
					}
					held.Unlock()
				}
			})
		}
		threads.Wait()
		if t.Failed() { // with more locks it would perhaps never end
			return
		}
	}
	if n := len(s.locks.held); n != 0 {
		t.Errorf("%d locks are left", n)
	}
	if n := len(s.locks.spare); n == 0 || n > len(names) {
		t.Errorf("%d locks were made for %d names", n, len(names))
	}
}

// If this failed, a session that nobody answered for 30 days would still seal, or a new one would not.
func TestTransactionsKnowWhenTheirCallBegan(t *testing.T) {
	s := openKind(t, "memory")
	now := func(update func(work func(tx *Tx) error) error) (whole, part int64) {
		if err := update(func(tx *Tx) error { whole, part = tx.Now(), tx.Part().Now(); return nil }); err != nil {
			t.Fatal(err)
		}
		return whole, part
	}
	held := s.Lock("a")
	held.since = held.since.Add(-time.Hour)
	earlier := held.since.Unix()
	if whole, part := now(held.Update); whole != earlier || part != earlier {
		t.Errorf("the locks are from %d, the transaction from %d, its part from %d", earlier, whole, part)
	}
	held.Unlock()
	before := time.Now().Unix()
	whole, part := now(s.Update)
	if after := time.Now().Unix(); whole < before || whole > after || part != whole {
		t.Errorf("between %d and %d it is %d, in a part %d", before, after, whole, part)
	}
}
