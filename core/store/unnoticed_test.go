package store

import (
	"bytes"
	"path/filepath"
	"runtime"
	"testing"

	"libcallkey/core/status"
)

// Each test here fails on a change to the sources that no other test notices.

func openKind(t *testing.T, kind string) *Store {
	t.Helper()
	var path string
	var key []byte
	o := Options{Memory: kind == "memory", Plaintext: kind == "plaintext"}
	if !o.Memory {
		path = filepath.Join(t.TempDir(), "s")
	}
	if kind == "sealed" {
		key = bytes.Repeat([]byte{7}, StorageKeyBytes)
	}
	s, err := Open(path, key, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

var kinds = []string{"memory", "sealed", "plaintext"}

// A one-time prekey must not open as a signed prekey, even for someone who can give rows other
// names.
func TestSealedRowBelongsToItsTable(t *testing.T) {
	s := newSealer(newStoreID(), newDataKeys(), false)
	const name = "1"
	rowName := s.rowName(Prekeys, name)
	sealed := s.seal(Prekeys, rowName, name, []byte("private key"))
	if record, _, err := s.open(Prekeys, rowName, name, sealed); err != nil || string(record) != "private key" {
		t.Fatalf("%q, %v", record, err)
	}
	for table := range Chains + 1 {
		if table == Prekeys {
			continue
		}
		if record, _, err := s.open(table, rowName, name, sealed); status.Of(err) != status.StoreCorrupt || record != nil {
			t.Errorf("in table %d it opens as %q, %v", table, record, err)
		}
		if s.rowName(table, name) == rowName {
			t.Errorf("a record of table %d has the same row name: the file tells that there are two of one name", table)
		}
	}
}

// A wiped record would stay in memory until other data overwrites it.
func TestReplacedChangeIsWiped(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			s := openKind(t, kind)
			first, second, third := []byte("first secret"), []byte("second secret"), []byte("third secret")
			var rows [][]byte
			err := s.Update(func(tx *Tx) error {
				staged := func() {
					tx.Seal()
					rows = append(rows, tx.staged.find(Sessions, "a").row.value)
				}
				tx.Put(Sessions, "a", first)
				staged()
				tx.Put(Sessions, "a", second)
				staged()
				if !zero(first) {
					t.Error("a change that another replaced is left")
				}
				tx.Delete(Sessions, "a")
				if !zero(second) {
					t.Error("a change that a removal replaced is left")
				}
				tx.Put(Sessions, "a", third)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			for i, row := range rows {
				if kind != "sealed" && (bytes.Contains(row, []byte("first")) || bytes.Contains(row, []byte("second"))) {
					t.Errorf("row %d is left: %q", i, row)
				}
			}
			var got []byte
			s.Update(func(tx *Tx) (err error) { got, err = tx.Get(Sessions, "a"); return err })
			if string(got) != "third secret" {
				t.Errorf("the record is %q", got)
			}
		})
	}
}

func zero(b []byte) bool { return bytes.Equal(b, make([]byte, len(b))) }

// A look-up that began before another process pointed an alias anew, and ends after another thread
// has seen that, must not put the old target into what was learnt since.
func TestAliasThatChangesBetweenTwoLookUps(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	s, other := openPlain(t, path), openPlain(t, path)
	point := func(target string) {
		if err := other.Update(func(tx *Tx) error { tx.Put(Aliases, "number", []byte(target)); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	meant := func(name string) (target string) {
		if err := s.Update(func(tx *Tx) (err error) { target, err = tx.Alias(name); return err }); err != nil {
			t.Fatal(err)
		}
		return target
	}
	point("old")
	slow := &meanwhile{s.backend, func() {
		point("new")
		meant("another")
	}}
	s.backend = slow
	first := true
	err := s.Update(func(tx *Tx) error {
		if !first {
			return nil // of a state that was outrun nothing counts
		}
		first = false
		_, err := tx.Alias("number")
		return err
	})
	if err != nil || slow.then != nil {
		t.Fatalf("%v, or the look-up read nothing", err)
	}
	if got := meant("number"); got != "new" {
		t.Errorf("the number means %q", got)
	}
}

// Two stores with the same storage key must be distinguishable.
func TestStoresHaveIDsOfTheirOwn(t *testing.T) {
	seen := map[storeID]bool{{}: true}
	for range 20 {
		if id := newStoreID(); seen[id] {
			t.Fatalf("two stores have the id %x", id)
		} else {
			seen[id] = true
		}
	}
	a, b := newDataKeys(), newDataKeys()
	if a.data == b.data || a.data == [32]byte{} {
		t.Error("two stores have one data key")
	}
}

// A store that is closed while a call reads and commits must not be taken from under it.
func TestCloseWaitsForCalls(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			s := openKind(t, kind)
			closed := make(chan error, 1)
			err := s.Update(func(tx *Tx) error {
				tx.Put(Sessions, "a", []byte("value"))
				go func() { closed <- s.Close() }()
				for s.open.TryRLock() { // until Close waits: then nobody else may begin
					s.open.RUnlock()
					if len(closed) > 0 {
						t.Error("Close did not wait")
						break
					}
					runtime.Gosched()
				}
				_, err := tx.Get(Sessions, "b")
				return err
			})
			if err != nil {
				t.Errorf("the call that was inside: %v", err)
			}
			if err := <-closed; err != nil {
				t.Errorf("close: %v", err)
			}
			if err := s.Update(func(*Tx) error { return nil }); status.Of(err) != status.Handle {
				t.Errorf("a call after it: %v", err)
			}
		})
	}
}
