package main

import (
	"crypto/rand"
	"encoding/binary"
	"sync"

	"libcallkey/core/status"
)

// handles gives out 64-bit tokens for objects of one kind. Tokens are random: 0, a
// closed one and a guess are all told from an open one, and a token never comes back as
// another object. They are below 2^63, so that languages without unsigned numbers have
// room for them.
type handles[T any] struct {
	what string // names the kind in errors

	mu   sync.Mutex
	open map[uint64]*handle[T]
}

type handle[T any] struct {
	object T
	calls  sync.WaitGroup // under way on object
}

// add gives out a token for object.
func (h *handles[T]) add(object T) uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.open == nil {
		h.open = make(map[uint64]*handle[T])
	}
	for {
		var token [8]byte
		rand.Read(token[:])
		n := binary.NativeEndian.Uint64(token[:]) >> 1
		if _, taken := h.open[n]; n != 0 && !taken {
			h.open[n] = &handle[T]{object: object}
			return n
		}
	}
}

// use runs work on the object behind token, which stays open until work returns.
func (h *handles[T]) use(token uint64, work func(object T) error) error {
	h.mu.Lock()
	entry, ok := h.open[token]
	if ok {
		entry.calls.Add(1)
	}
	h.mu.Unlock()
	if !ok {
		return h.unknown()
	}
	defer entry.calls.Done()
	return work(entry.object)
}

// remove takes the token back, waits for the calls under way and returns the object.
func (h *handles[T]) remove(token uint64) (object T, err error) {
	h.mu.Lock()
	entry, ok := h.open[token]
	delete(h.open, token)
	h.mu.Unlock()
	if !ok {
		return object, h.unknown()
	}
	entry.calls.Wait()
	return entry.object, nil
}

func (h *handles[T]) unknown() error {
	return status.New(status.Handle, "the %s handle is not open", h.what)
}
