package store

import (
	"slices"
	"sync"
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

// Lock takes all named locks and returns what gives them back. Each name counts
// once, and all callers take them in the same order, so that two fan-outs over the
// same devices can't wait for each other.
func (s *Store) Lock(names ...string) (unlock func()) {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	taken := make([]*lock, len(names))
	s.locks.mu.Lock()
	for i, name := range names {
		l := s.locks.held[name]
		if l == nil {
			l = &lock{}
			s.locks.held[name] = l
		}
		l.users++
		taken[i] = l
	}
	s.locks.mu.Unlock()
	for _, l := range taken {
		l.Lock()
	}
	return func() {
		for _, l := range taken {
			l.Unlock()
		}
		s.locks.mu.Lock()
		defer s.locks.mu.Unlock()
		for i, name := range names {
			if taken[i].users--; taken[i].users == 0 {
				delete(s.locks.held, name)
			}
		}
	}
}
