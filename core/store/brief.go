package store

import "sync"

// brief is a lock that is held for a microsecond, about. Before a caller sleeps, it tries for as long:
// a thread of the host that sleeps inside Go gives its processor to another thread and gets it back, which
// takes several system calls on each side, and two calls at once would hardly be faster than one after the
// other.
type brief struct{ sync.Mutex }

// tries take one to some microseconds.
const tries = 2000

func (b *brief) Lock() {
	for range tries {
		if b.TryLock() {
			return
		}
	}
	b.Mutex.Lock()
}
