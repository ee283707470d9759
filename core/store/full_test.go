package store

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"

	"libcallkey/core/status"
)

// A full disk is STORE, leaves every record as it was, and the next commit after room
// was made works. SQLite's page limit simulates the disk: it fails in the same place.
func TestFullDisk(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "s"), bytes.Repeat([]byte{7}, StorageKeyBytes), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	put := func(name string, value []byte) error {
		return s.Update(func(tx *Tx) error {
			tx.Put(Sessions, name, value)
			tx.Put(Identities, name, []byte("identity of "+name))
			return nil
		})
	}
	get := func(table Table, name string) (value []byte) {
		if err := s.Update(func(tx *Tx) (err error) { value, err = tx.Get(table, name); return err }); err != nil {
			t.Fatal(err)
		}
		return value
	}
	if err := put("old", []byte("record")); err != nil {
		t.Fatal(err)
	}
	limit := func(pages int) {
		if err := s.backend.(*file).exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	limit(1) // means: no more than there are now
	if err := put("new", make([]byte, 1<<16)); status.Of(err) != status.Store {
		t.Fatalf("commit on a full disk: %v", err)
	}
	if err := put("old", make([]byte, 1<<16)); status.Of(err) != status.Store {
		t.Fatalf("commit on a full disk: %v", err)
	}
	if string(get(Sessions, "old")) != "record" || get(Sessions, "new") != nil || get(Identities, "new") != nil {
		t.Fatal("a failed commit left something")
	}
	limit(1 << 20)
	if err := put("new", make([]byte, 1<<16)); err != nil {
		t.Fatal(err)
	}
	if len(get(Sessions, "new")) != 1<<16 || get(Identities, "new") == nil {
		t.Fatal("commit after the disk had room again was lost")
	}
}
