package store

import (
	"slices"
	"sync"
	"time"
)

// locks are the named locks of one process: one per device, prekey and account.
type locks struct {
	mu    brief
	held  map[string]*lock
	spare []*lock // that nobody uses, at most maxSpare
}

const maxSpare = 256

type lock struct {
	sync.Mutex
	users int
}

// of returns the lock of a name, for a user more.
func (l *locks) of(name string) *lock {
	one := l.held[name]
	if one == nil {
		if last := len(l.spare) - 1; last >= 0 {
			one, l.spare = l.spare[last], l.spare[:last]
		} else {
			one = &lock{}
		}
		l.held[name] = one
	}
	one.users++
	return one
}

// left is for a user of the lock of a name who unlocked it.
func (l *locks) left(name string, one *lock) {
	if one.users--; one.users > 0 {
		return
	}
	delete(l.held, name)
	if len(l.spare) < maxSpare {
		l.spare = append(l.spare, one)
	}
}

// Held are the locks of a call, and the time when it began to wait: waiting for threads that wait for
// another process counts too. It ends with Unlock.
type Held struct {
	store *Store
	since time.Time
	names []string
	taken []*lock
}

// unlocked have memory for the next call, and nothing of what was in it.
var unlocked = sync.Pool{New: func() any { return new(Held) }}

// Lock takes all named locks. Each name counts once, and all callers take them in the same order, so
// that two fan-outs over the same devices can't deadlock.
func (s *Store) Lock(names ...string) *Held {
	h := unlocked.Get().(*Held)
	h.store, h.since = s, time.Now()
	h.names = append(h.names, names...)
	slices.Sort(h.names)
	h.names = slices.Compact(h.names)
	s.locks.mu.Lock()
	for _, name := range h.names {
		h.taken = append(h.taken, s.locks.of(name))
	}
	s.locks.mu.Unlock()
	for _, l := range h.taken {
		pause()
		l.Lock()
	}
	pause()
	return h
}

// Update is Store.Update, under the locks.
func (h *Held) Update(work func(tx *Tx) error) error {
	return h.store.update(h.since, work)
}

// Unlock releases the locks.
func (h *Held) Unlock() {
	pause()
	for _, l := range h.taken {
		l.Unlock()
	}
	locks := &h.store.locks
	locks.mu.Lock()
	for i, name := range h.names {
		locks.left(name, h.taken[i])
	}
	locks.mu.Unlock()
	h.store = nil
	h.names, h.taken = emptied(h.names), emptied(h.taken)
	unlocked.Put(h)
}
