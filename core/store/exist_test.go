package store_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Row 31: a store that was emptied or removed became a new one without a word, and with it
// the account a new identity, which no peer trusts.
func TestFault31MustExist(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	there := at("there")
	open(t, there, storageKey, store.Options{}).Close()
	os.WriteFile(at("empty"), nil, 0o640)
	os.WriteFile(at("damaged"), []byte("SQ"), 0o600) // SQLite takes one byte for none
	os.Symlink(at("nowhere"), at("dangling"))
	withoutTable(t, at("bare"))
	bare, _ := os.ReadFile(at("bare"))
	before, _ := os.ReadDir(dir)
	for name, want := range map[string]status.Code{
		"there": status.OK, "missing": status.NotFound, "empty": status.NotFound, "damaged": status.StoreCorrupt, "dangling": status.NotFound,
		"bare": status.NotFound, "no/folder": status.NotFound, "there/below": status.Store,
	} {
		s, err := store.Open(at(name), storageKey, store.Options{MustExist: true})
		if status.Of(err) != want {
			t.Errorf("%s: %v, want %s", name, err, want.Name())
		}
		if s != nil {
			s.Close()
		}
	}
	if after, _ := os.ReadDir(dir); len(after) != len(before) {
		t.Fatalf("%d files, there were %d", len(after), len(before))
	}
	if info, err := os.Stat(at("empty")); err != nil || info.Size() != 0 || info.Mode().Perm() != 0o640 {
		t.Fatalf("the empty file was changed: %v, %v", info, err)
	}
	if now, _ := os.ReadFile(at("bare")); string(now) != string(bare) {
		t.Fatal("a file without a store in it was changed")
	}
	if _, err := store.Open("", nil, store.Options{Memory: true, MustExist: true}); status.Of(err) != status.Argument {
		t.Fatalf("in memory: %v", err)
	}
}

// withoutTable leaves the file of a store whose making was interrupted.
func withoutTable(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err == nil {
		_, err = db.Exec("PRAGMA journal_mode = WAL")
	}
	if err != nil {
		t.Fatal(err)
	}
	db.Close()
}
