package store_test

import (
	"bytes"
	"database/sql/driver"
	"fmt"
	"path/filepath"
	"testing"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

func newDest(n int) []driver.Value { return make([]driver.Value, n) }

// Fault 32: two stores under one storage key accepted each other's rows, so that who can write
// the files could give one account the other's sessions, trust or prekeys.
func TestFault32RowsOfAnotherStore(t *testing.T) {
	dir := t.TempDir()
	tables := []store.Table{store.Account, store.Prekeys, store.SignedPrekeys, store.Sessions, store.Identities, store.Aliases}
	path := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"one", "two"} {
		s := open(t, path(name), storageKey, store.Options{})
		err := s.Update(func(tx *store.Tx) error {
			for _, table := range tables {
				tx.Put(table, "n", []byte(name))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
	}
	rows := func(name string) map[int64][]byte {
		conn, err := openRaw(path(name))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		found, err := conn.Query("SELECT kind, value FROM items WHERE kind > 0", nil)
		if err != nil {
			t.Fatal(err)
		}
		defer found.Close()
		all := map[int64][]byte{}
		for dest := newDest(2); found.Next(dest) == nil; {
			all[dest[0].(int64)] = bytes.Clone(dest[1].([]byte))
		}
		return all
	}
	theirs, ours := rows("two"), rows("one")
	if len(ours) != len(tables) {
		t.Fatalf("%d rows", len(ours))
	}
	for kind := range ours {
		change(t, path("one"), fmt.Sprintf("UPDATE items SET value = x'%x' WHERE kind = %d", theirs[kind], kind))
	}
	s := open(t, path("one"), storageKey, store.Options{})
	for _, table := range tables {
		err := s.Update(func(tx *store.Tx) error { _, err := tx.Get(table, "n"); return err })
		if status.Of(err) != status.StoreCorrupt {
			t.Errorf("table %d: another store's row was taken: %v", table, err)
		}
	}
	s.Close()
	// Within one store a row is bound to its table too.
	for kind := range ours {
		swapped := ours[kind%int64(len(ours))+1]
		change(t, path("one"), fmt.Sprintf("UPDATE items SET value = x'%x' WHERE kind = %d", swapped, kind))
	}
	s = open(t, path("one"), storageKey, store.Options{})
	for _, table := range tables {
		err := s.Update(func(tx *store.Tx) error { _, err := tx.Get(table, "n"); return err })
		if status.Of(err) != status.StoreCorrupt {
			t.Errorf("table %d: another table's row was taken: %v", table, err)
		}
	}
}

// Two records of one name in two tables are two rows.
func TestTablesAreApart(t *testing.T) {
	everyKind(t, func(t *testing.T, s *store.Store) {
		err := s.Update(func(tx *store.Tx) error {
			tx.Put(store.Prekeys, "1", []byte("one-time"))
			tx.Put(store.SignedPrekeys, "1", []byte("signed"))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		s.Update(func(tx *store.Tx) error {
			one, _ := tx.Get(store.Prekeys, "1")
			signed, _ := tx.Get(store.SignedPrekeys, "1")
			if string(one) != "one-time" || string(signed) != "signed" {
				t.Errorf("read %q and %q", one, signed)
			}
			return nil
		})
	})
}

// The key row of another store under the same storage key, a damaged one and a wrong key are
// told apart.
func TestKeyRow(t *testing.T) {
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	for _, path := range []string{one, two} {
		s := open(t, path, storageKey, store.Options{})
		put(t, s, "a", "1")
		s.Close()
	}
	change(t, one, "ATTACH '"+two+"' AS o; UPDATE items SET value = (SELECT value FROM o.items WHERE name = CAST('key' AS BLOB)) WHERE name = CAST('key' AS BLOB)")
	if _, err := store.Open(one, storageKey, store.Options{}); status.Of(err) != status.StoreCorrupt {
		t.Errorf("another store's key row: %v", err)
	}
	change(t, two, "UPDATE items SET value = CAST(substr(value, 1, 40) || (CASE substr(value, 41, 1) WHEN x'00' THEN x'01' ELSE x'00' END) || substr(value, 42) AS BLOB) WHERE name = CAST('key' AS BLOB)")
	if _, err := store.Open(two, storageKey, store.Options{}); status.Of(err) != status.StoreCorrupt {
		t.Errorf("a damaged key row: %v", err)
	}
	change(t, two, "DELETE FROM items WHERE name = CAST('key' AS BLOB)")
	if _, err := store.Open(two, storageKey, store.Options{}); status.Of(err) != status.StoreCorrupt {
		t.Errorf("no key row: %v", err)
	}
}

// A record written before a file was opened as an old copy is stale, in every process, until it is
// written anew. Only a row that the old copy holds is.
func TestRestoredRowsAreStale(t *testing.T) {
	for _, kind := range []struct {
		key   []byte
		o     store.Options
		table store.Table
	}{
		{storageKey, store.Options{}, store.Sessions},
		{storageKey, store.Options{}, store.Chains},
		{nil, store.Options{Plaintext: true}, store.Sessions},
		{nil, store.Options{Plaintext: true}, store.Chains},
	} {
		put := func(t *testing.T, s *store.Store, name, value string) {
			t.Helper()
			if err := s.Update(func(tx *store.Tx) error { tx.Put(kind.table, name, []byte(value)); return nil }); err != nil {
				t.Fatal(err)
			}
		}
		path := filepath.Join(t.TempDir(), "s")
		s := open(t, path, kind.key, kind.o)
		put(t, s, "a", "1")
		stale := func(s *store.Store, name string) (stale bool) {
			err := s.Update(func(tx *store.Tx) (err error) { _, stale, err = tx.Read(kind.table, name); return err })
			if err != nil {
				t.Fatal(err)
			}
			return stale
		}
		if stale(s, "a") {
			t.Fatal("stale from the start")
		}
		kind.o.Restored = true
		restored := open(t, path, kind.key, kind.o)
		put(t, restored, "b", "1")
		if !stale(restored, "a") || !stale(s, "a") || stale(restored, "b") || stale(s, "b") {
			t.Fatal("the row of the old copy is not stale, or the new one is")
		}
		put(t, s, "a", "2")
		if stale(restored, "a") {
			t.Fatal("stale although written anew")
		}
		restored.Close()
		s.Close()
		kind.o.Restored = false
		s = open(t, path, kind.key, kind.o)
		if stale(s, "b") {
			t.Fatal("stale without another restoration")
		}
		s.Close()
		if !func() bool { kind.o.Restored = true; return stale(open(t, path, kind.key, kind.o), "b") }() {
			t.Fatal("a second restoration does not count")
		}
	}
	if _, err := store.Open(filepath.Join(t.TempDir(), "none"), storageKey, store.Options{Restored: true}); status.Of(err) != status.NotFound {
		t.Errorf("an old copy that is not there: %v", err)
	}
	if _, err := store.Open("", nil, store.Options{Memory: true, Restored: true}); status.Of(err) != status.Argument {
		t.Errorf("an old copy in memory: %v", err)
	}
}
