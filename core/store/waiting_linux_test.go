package store

import (
	"bytes"
	"database/sql"
	"path/filepath"
	"testing"
	"time"
)

// patient is a store with calls that wait for an hour.
func patient(t *testing.T) (*Store, *place) {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "s"), bytes.Repeat([]byte{7}, StorageKeyBytes), Options{Busy: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return s, s.backend.(*file).place
}

func step(tx *Tx) error {
	tx.Put(Sessions, "n", []byte("1"))
	return nil
}

// A call waits once. If a hundred threads want to seal for one device while another process is stopped, the
// last one must not wait a hundred times: what it waited for the others' locks counts. When
// the file is free again, a long wait is not a reason to fail.
func TestACallWaitsOnce(t *testing.T) {
	for name, holds := range map[string]func(t *testing.T, p *place) (release func()){
		"another process's call": func(t *testing.T, p *place) func() {
			// A separate open file description stands for a process. Closing it would cost SQLite's locks.
			other, err := openAnchor(p.path, p.main)
			if err != nil {
				t.Fatal(err)
			}
			if taken, err := other.take(); !taken || err != nil {
				t.Fatal(err)
			}
			return other.give
		},
		"another program's transaction": func(t *testing.T, p *place) func() {
			db, err := sql.Open("sqlite3", p.path+"?_txlock=immediate")
			if err != nil {
				t.Fatal(err)
			}
			tx, err := db.Begin()
			if err != nil {
				t.Fatal(err)
			}
			return func() { tx.Rollback() } // it stays open, for the same reason
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, p := patient(t)
			release := holds(t, p)
			waited := s.Lock("device")
			waited.since = time.Now().Add(-time.Hour)
			if err := waited.Update(step); err != errBusy {
				t.Errorf("it has waited: %v, want BUSY", err)
			}
			if err := s.backend.changeKey(bytes.Repeat([]byte{8}, StorageKeyBytes), time.Now()); err != errBusy {
				t.Errorf("another key: %v, want BUSY", err)
			}
			if err := s.backend.begin(time.Now()); err != errBusy {
				t.Errorf("alone: %v, want BUSY", err)
			}
			release()
			if err := waited.Update(step); err != nil {
				t.Errorf("nobody holds it: %v", err)
			}
			waited.Unlock()
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// The wait begins before the locks are taken.
func TestLocksCountAsWaiting(t *testing.T) {
	s := newStore(newMemory(), Options{Memory: true})
	first := s.Lock("a", "b")
	second := make(chan *Held)
	go func() { second <- s.Lock("b") }()
	for waits := false; !waits; {
		s.locks.mu.Lock()
		waits = s.locks.held["b"].users == 2
		s.locks.mu.Unlock()
	}
	given := time.Now()
	first.Unlock()
	h := <-second
	if h.since.After(given) {
		t.Errorf("it waits since %v, the locks were given back at %v", h.since, given)
	}
	h.Unlock()
}

// SQLite takes whole milliseconds, in an int.
func TestRestOfTheWait(t *testing.T) {
	for rest, want := range map[time.Duration]int64{-time.Minute: 0, time.Hour: 3_600_000, 24 * 365 * time.Hour: 1<<31 - 1} {
		if got := waitFor(time.Now().Add(rest)); got != want {
			t.Errorf("%v: %d ms, want %d", rest, got, want)
		}
	}
}
