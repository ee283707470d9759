package main

import (
	"crypto/rand"
	"encoding/binary"
	"sync"

	"libcallkey/core/status"
)

// handles gives out 64-bit tokens for objects of one kind. Tokens are random, so 0, a
// closed token and a guess are never mistaken for an open one, and a token is never
// reused for another object. They are below 2^63, to fit languages without unsigned
// numbers.
type handles[T any] struct {
	what string              // the kind, for errors
	odd  func(object T) bool // whether an object's token is odd; nil: by chance

	mu   sync.Mutex
	open map[uint64]*handle[T]
}

type handle[T any] struct {
	object T
	calls  sync.WaitGroup // running on object
}

// add returns a token for object.
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
		if h.odd != nil {
			n &^= 1
			if h.odd(object) {
				n |= 1
			}
		}
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

// remove closes the token, waits for running calls and returns the object.
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
