package signal

import (
	"sync"
	"sync/atomic"
	"testing"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

// If this failed, two threads that import an identity into one store would both hear that theirs is
// the store's, and one of them would publish keys that nobody has.
func TestOneIdentityOfManyThreads(t *testing.T) {
	const threads = 8
	for range 400 {
		s, err := OpenStoreWithoutIdentity("", nil, store.Options{Memory: true})
		if err != nil {
			t.Fatal(err)
		}
		var taken atomic.Int32
		var group sync.WaitGroup
		var privates [threads][32]byte
		start := make(chan struct{})
		for i := range threads {
			privates[i][5] = byte(i + 1)
			group.Go(func() {
				<-start
				switch err := ImportIdentity(s, &privates[i], uint32(i+1)); status.Of(err) {
				case status.OK:
					taken.Add(1)
				case status.Conflict:
				default:
					t.Error(err)
				}
			})
		}
		close(start)
		group.Wait()
		if n := taken.Load(); n != 1 {
			t.Fatalf("%d of %d identities became the store's", n, threads)
		}
		s.Close()
	}
}

// The same identity again is fine; another key, or another number, would make the account a stranger
// to its peers.
func TestImportedIdentityStays(t *testing.T) {
	s, err := OpenStoreWithoutIdentity("", nil, store.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, c := range []struct {
		private [32]byte
		number  uint32
		want    status.Code
	}{
		{[32]byte{5: 1}, 7, status.OK},
		{[32]byte{5: 1}, 7, status.OK},
		{[32]byte{5: 1}, 6, status.Conflict},
		{[32]byte{5: 1}, 8, status.Conflict},
		{[32]byte{5: 2}, 7, status.Conflict},
		{[32]byte{5: 0, 31: 1}, 7, status.Conflict},
	} {
		if err := ImportIdentity(s, &c.private, c.number); status.Of(err) != c.want {
			t.Errorf("%v, number %d: %v, want %s", c.private[5], c.number, err, c.want.Name())
		}
		if own, err := OwnIdentity(s); err != nil || own.RegistrationID != 7 {
			t.Fatalf("the store's number is %d: %v", own.RegistrationID, err)
		}
	}
}
