package store

import (
	"slices"
	"sync"
	"time"
)

// locks are the named locks of one process: one per device, prekey and account.
type locks struct {
	mu   sync.Mutex
	held map[string]*lock
}

type lock struct {
	sync.Mutex
	users int
}

// Held are the locks of a call, and the time when it began to wait: waiting for threads that wait for
// another process counts too.
type Held struct {
	store *Store
	since time.Time
	names []string
	taken []*lock
}

// Lock takes all named locks. Each name counts once, and all callers take them in the same order, so
// that two fan-outs over the same devices can't deadlock.
func (s *Store) Lock(names ...string) *Held {
	h := &Held{store: s, since: time.Now(), names: slices.Compact(slices.Sorted(slices.Values(names)))}
	h.taken = make([]*lock, len(h.names))
	s.locks.mu.Lock()
	for i, name := range h.names {
		l := s.locks.held[name]
		if l == nil {
			l = &lock{}
			s.locks.held[name] = l
		}
		l.users++
		h.taken[i] = l
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
	return h.store.update(h.since.Add(h.store.options.Busy), work)
}

// Unlock releases the locks.
func (h *Held) Unlock() {
	pause()
	for _, l := range h.taken {
		l.Unlock()
	}
	locks := &h.store.locks
	locks.mu.Lock()
	defer locks.mu.Unlock()
	for i, name := range h.names {
		if h.taken[i].users--; h.taken[i].users == 0 {
			delete(locks.held, name)
		}
	}
}
