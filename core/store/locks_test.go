package store

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
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
