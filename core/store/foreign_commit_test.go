package store_test

import (
	"errors"
	"path/filepath"
	"testing"

	"libcallkey/core/store"
)

// If this failed, a call that met another process's commit between two of its reads could be
// refused for a state that never was, or report one.
func TestForeignCommitBetweenTwoReads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	s, other := open(t, path, storageKey, store.Options{}), open(t, path, storageKey, store.Options{})
	both := func(value string) {
		t.Helper()
		err := other.Update(func(tx *store.Tx) error {
			tx.Put(store.Sessions, "a", []byte(value))
			tx.Put(store.Identities, "a", []byte(value))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	both("1")
	failure := errors.New("half of a commit")
	for name, refuse := range map[string]bool{"refused": true, "without changes": false} {
		both("1")
		runs, same := 0, false
		err := s.Update(func(tx *store.Tx) error {
			session, err := tx.Get(store.Sessions, "a")
			if err != nil {
				return err
			}
			if runs++; runs == 1 {
				both("2")
			}
			identity, err := tx.Get(store.Identities, "a")
			if same = string(session) == string(identity); err == nil && refuse && !same {
				err = failure
			}
			return err
		})
		if err != nil || runs != 2 || !same {
			t.Errorf("%s: %v after %d runs, and read one commit: %v", name, err, runs, same)
		}
	}
}
