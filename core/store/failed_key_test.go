package store_test

import (
	"bytes"
	"database/sql"
	"path/filepath"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

// A storage key that could not be written is not the store's, and the store goes on.
func TestStorageKeyThatCouldNotBeWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	s := open(t, path, storageKey, store.Options{})
	put(t, s, "a", "1")
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(); db.Close() })
	for _, table := range []string{"items", "archives", "chains", "link"} {
		for _, text := range []string{"CREATE TRIGGER no BEFORE INSERT ON " + table, "CREATE TRIGGER no BEFORE UPDATE ON " + table} {
			if _, err := db.Exec(text + " BEGIN SELECT RAISE(ABORT, 'no'); END"); err != nil {
				t.Fatal(err)
			}
			changed := s.ChangeKey(bytes.Repeat([]byte{8}, store.StorageKeyBytes))
			if _, err := db.Exec("DROP TRIGGER no"); err != nil {
				t.Fatal(err)
			}
			if changed == nil {
				if err := s.ChangeKey(storageKey); err != nil {
					t.Fatal(err)
				}
			} else if status.Of(changed) != status.Store {
				t.Errorf("%s: %v", text, changed)
			}
			put(t, s, "a", "2")
			again := open(t, path, storageKey, store.Options{})
			if got := get(t, again, "a"); got != "2" {
				t.Errorf("%s: afterwards the record is %q", text, got)
			}
			again.Close()
		}
	}
}
