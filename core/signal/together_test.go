package signal

import (
	"path/filepath"
	"sync"
	"testing"

	"libcallkey/core/curve"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// together runs works at the same time and returns their errors.
func together(works ...func() error) []error {
	errs := make([]error, len(works))
	var ready, group sync.WaitGroup
	ready.Add(len(works))
	for i, work := range works {
		group.Go(func() {
			ready.Done()
			ready.Wait()
			errs[i] = work()
		})
	}
	group.Wait()
	return errs
}

// rounds are enough for a file, where commits are slow.
const rounds = 20

func newFile(t *testing.T, open func(path string, storageKey []byte, o store.Options) (*store.Store, error)) *store.Store {
	t.Helper()
	s, err := open(filepath.Join(t.TempDir(), "store"), make([]byte, store.StorageKeyBytes), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// Of two identities that threads import at once a store must take one, and tell the other.
func TestIdentitiesImportedTogether(t *testing.T) {
	for range rounds {
		s := newFile(t, OpenStoreWithoutIdentity)
		identity := func(first byte) func() error {
			return func() error { return ImportIdentity(s, &[32]byte{first}, uint32(first)) }
		}
		errs := together(identity(8), identity(16))
		own, err := OwnIdentity(s)
		if err != nil || (errs[0] == nil) == (errs[1] == nil) || (own.RegistrationID == 8) != (errs[0] == nil) {
			t.Fatalf("%v and %v, and the identity is number %d", errs[0], errs[1], own.RegistrationID)
		}
		for _, err := range errs {
			if err != nil && status.Of(err) != status.Conflict {
				t.Fatal(err)
			}
		}
	}
}

// Of two prekeys that threads import under one number at once a store must take one.
func TestPrekeysImportedTogether(t *testing.T) {
	s := newFile(t, OpenStore)
	for round := range 10 * rounds {
		id := uint32(1000 + round)
		prekey := func(first byte) func() error {
			return func() error { return ImportPrekey(s, id, &[32]byte{first}) }
		}
		errs := together(prekey(8), prekey(16))
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("number %d: %v and %v", id, errs[0], errs[1])
		}
		kept := byte(8)
		if errs[0] != nil {
			kept = 16
		}
		want := [32]byte{kept}
		curve.Clamp(&want)
		err := s.Update(func(tx *store.Tx) error {
			key, err := loadPrekey(tx, store.Prekeys, id)
			if err == nil && *key != want {
				t.Errorf("number %d is not the one that was taken", id)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Prekeys that threads make at once must have different numbers and keys: a number that two have
// opens first messages of one of them only.
func TestPrekeysMadeTogether(t *testing.T) {
	s := newFile(t, OpenStore)
	seen := map[uint32]bool{}
	for range rounds {
		var made [2][]Prekey
		var signed [2]SignedPrekey
		work := func(i int) func() error {
			return func() (err error) {
				if made[i], err = AddPrekeys(s, 2); err == nil {
					signed[i], err = RotateSignedPrekey(s)
				}
				return err
			}
		}
		for _, err := range together(work(0), work(1)) {
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, p := range append(made[0], made[1]...) {
			if seen[p.ID] {
				t.Fatalf("two prekeys are number %d", p.ID)
			}
			seen[p.ID] = true
		}
		if signed[0].ID == signed[1].ID {
			t.Fatalf("two signed prekeys are number %d", signed[0].ID)
		}
	}
}
