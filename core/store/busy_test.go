package store_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

// An app that must answer in time says how long a call may wait for another process. BUSY
// means try again: nothing is wrong with the file, nothing changed.
func TestBusyIsToldFromAFailure(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	hasty := open(t, path, storageKey, store.Options{Busy: time.Millisecond})
	patient := open(t, path, storageKey, store.Options{})
	release := hold(t, path)
	if err := count(hasty); status.Of(err) != status.Busy {
		t.Errorf("a call on a store that another holds: %v, want BUSY", err)
	}
	if s, err := store.Open(path, storageKey, store.Options{Busy: time.Millisecond}); status.Of(err) != status.Busy {
		t.Errorf("opening a store that another holds: %v, want BUSY", err)
		s.Close()
	}
	waited := make(chan error)
	go func() { waited <- count(patient) }()
	release()
	if err := <-waited; err != nil {
		t.Errorf("a call that may wait: %v", err)
	}
	if err := count(hasty); err != nil {
		t.Errorf("the next call: %v", err)
	}
	if got := get(t, hasty, "n"); got != "2" {
		t.Fatalf("counted to %s, want 2", got)
	}
}

// hold takes the file's write lock, as another process's commit does.
func hold(t *testing.T, path string) (release func()) {
	t.Helper()
	db, err := sql.Open("sqlite3", path+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		tx.Rollback()
		db.Close()
	}
}
