// Package toy is what the test of the tool changes.
package toy

import (
	"errors"
	"sync"
)

// most is the largest value that is taken.
const most = 40

var errTooMuch = errors.New("too much")

// Sum adds up numbers, in any number of goroutines.
type Sum struct {
	mu    sync.Mutex
	total int
	key   [16]byte
}

// Add takes a number that is at most 40.
func (s *Sum) Add(n int) error {
	if n > most {
		return errTooMuch
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total += n
	return nil
}

// Close wipes the key.
func (s *Sum) Close() {
	clear(s.key[:])
	s.total = 0
}
