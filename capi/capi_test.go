package main

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"libcallkey/core/signal"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// If this failed, a handle that one thread closes could be used by another one after its
// store is gone.
func TestHandleWaitsForCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := handles[string]{what: "test"}
		token := h.add("object")
		release := make(chan struct{})
		go h.use(token, func(string) error {
			<-release
			return nil
		})
		synctest.Wait() // it is inside
		removed := false
		go func() {
			object, err := h.remove(token)
			if err != nil || object != "object" {
				t.Errorf("remove gives %q, %v", object, err)
			}
			removed = true
		}()
		synctest.Wait() // nothing can go on by itself
		if removed {
			t.Error("the object was given back while a call was using it")
		}
		if err := h.use(token, func(string) error { return nil }); status.Of(err) != status.Handle {
			t.Errorf("a call while it is being closed gives %v", err)
		}
		close(release)
		synctest.Wait()
		if !removed {
			t.Error("the object is not given back once the call has ended")
		}
		if _, err := h.remove(token); status.Of(err) != status.Handle {
			t.Errorf("a second close gives %v", err)
		}
	})
}

// If this failed, an app that opens a store for each call would end with thousands of
// goroutines, which C can't see.
func TestNoGoroutineIsLeft(t *testing.T) {
	folder := t.TempDir()
	cycle := func(path string, key []byte) {
		s, err := signal.OpenStore(path, key, store.Options{Memory: path == ""})
		if err != nil {
			t.Fatal(err)
		}
		token := stores.add(s)
		if _, err := stores.remove(token); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	before := runtime.NumGoroutine()
	for range 1000 {
		cycle("", nil)
	}
	for range 50 {
		cycle(filepath.Join(folder, "store"), make([]byte, store.StorageKeyBytes))
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Fatalf("%d goroutines before, %d after", before, after)
	}
	if len(stores.open) != 0 {
		t.Fatalf("%d handles are still open", len(stores.open))
	}
}

// If this failed, a program could reach another one's store by counting, or 0 (what a
// failed open leaves) would be a store.
func TestTokensAreRandom(t *testing.T) {
	h := handles[int]{what: "test"}
	seen := map[uint64]bool{0: true}
	small := 0
	for i := range 1000 {
		token := h.add(i)
		if seen[token] {
			t.Fatalf("token %x came twice", token)
		}
		seen[token] = true
		if token >= 1<<63 {
			t.Fatalf("token %x is negative in a language that has signed numbers only", token)
		}
		if token < 1<<48 {
			small++
		}
	}
	if small > 10 {
		t.Fatalf("%d of 1000 tokens are below 2^48", small)
	}
	h.odd = func(i int) bool { return i%3 == 0 }
	for i := range 100 {
		if token := h.add(i); token%2 == 1 != (i%3 == 0) {
			t.Fatalf("the token %x is of an object that is to be odd: %v", token, i%3 == 0)
		}
	}
	if err := h.use(0, func(int) error { return nil }); status.Of(err) != status.Handle {
		t.Fatalf("token 0 gives %v", err)
	}
}

// If this failed, an internal error would show what the library was working on: the value
// of a panic can be anything.
func TestPanicTextHoldsNoValue(t *testing.T) {
	if s := describe("secret bytes"); strings.Contains(s, "secret bytes") {
		t.Fatalf("the text is %q", s)
	}
}

// If this failed, each payload, plaintext and key that a call gives out would cost an allocation.
func TestOutputsThatFitAllocateNothing(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { needing(nil, nil) }); n != 0 {
		t.Errorf("needing allocates %v times", n)
	}
}
