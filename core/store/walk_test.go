package store_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

func putAll(t *testing.T, s *store.Store, table store.Table, names ...string) {
	t.Helper()
	err := s.Update(func(tx *store.Tx) error {
		for _, name := range names {
			tx.Put(table, name, []byte("record of "+name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func deleteAll(t *testing.T, s *store.Store, table store.Table, names ...string) {
	t.Helper()
	err := s.Update(func(tx *store.Tx) error {
		for _, name := range names {
			tx.Delete(table, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// following is the name behind after, "" at the end.
func following(t testing.TB, s *store.Store, table store.Table, after string) (name string) {
	t.Helper()
	err := s.Walk(table, after, func(next string, record []byte) bool {
		if name = next; string(record) != "record of "+name {
			t.Errorf("%s: the record is %q", name, record)
		}
		return false
	})
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// listed are all names of a table, one by one.
func listed(t testing.TB, s *store.Store, table store.Table) (names []string) {
	t.Helper()
	for name := following(t, s, table, ""); name != ""; name = following(t, s, table, name) {
		names = append(names, name)
	}
	return names
}

func numbered(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("%d:0", i))
	}
	return names
}

// An app that lists its 10,000 devices must see each of them once, and none of another table.
func TestWalkFindsEveryRecordOnce(t *testing.T) {
	everyKind(t, func(t *testing.T, s *store.Store) {
		names := numbered(10_000)
		putAll(t, s, store.Sessions, names...)
		putAll(t, s, store.Identities, "somebody else")
		found := listed(t, s, store.Sessions)
		if len(found) != len(names) {
			t.Fatalf("%d of %d records", len(found), len(names))
		}
		if slices.Sort(found); !slices.Equal(found, slices.Sorted(slices.Values(names))) {
			t.Fatal("the names are not those that were put")
		}
		var whole []string
		err := s.Walk(store.Sessions, "", func(name string, _ []byte) bool { whole = append(whole, name); return true })
		if err != nil || len(whole) != len(names) {
			t.Fatalf("%d records in one walk: %v", len(whole), err)
		}
		if following(t, s, store.Aliases, "") != "" {
			t.Fatal("a record in an empty table")
		}
	})
}

// Rows that come and go between two pages: what was there all the time is found, nothing twice, and
// the order is the same the next time.
func TestWalkWhileRowsComeAndGo(t *testing.T) {
	everyKind(t, func(t *testing.T, s *store.Store) {
		names := numbered(200)
		stay, leaving := names[:100], names[100:]
		putAll(t, s, store.Sessions, names...)
		seen := map[string]int{}
		var order []string
		at := ""
		for step := 0; ; step++ {
			if at = following(t, s, store.Sessions, at); at == "" {
				break
			}
			seen[at]++
			order = append(order, at)
			// The record just found goes too: the list continues behind it.
			if !slices.Contains(stay, at) {
				deleteAll(t, s, store.Sessions, at)
			}
			deleteAll(t, s, store.Sessions, leaving[step%len(leaving)])
			if step < len(names) {
				putAll(t, s, store.Sessions, fmt.Sprintf("late %d:0", step))
			}
		}
		for _, name := range stay {
			if seen[name] != 1 {
				t.Fatalf("%s was listed %d times", name, seen[name])
			}
		}
		for name, n := range seen {
			if n > 1 {
				t.Fatalf("%s was listed %d times", name, n)
			}
		}
		again := listed(t, s, store.Sessions)
		place := slices.DeleteFunc(order, func(name string) bool { return !slices.Contains(again, name) })
		last := -1
		for _, name := range place {
			i := slices.Index(again, name)
			if i <= last {
				t.Fatalf("%s moved in the list", name)
			}
			last = i
		}
	})
}

// Another process writes while this one lists: no error, nothing twice, nothing left out.
func TestWalkWhileAnotherProcessWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	s := open(t, path, storageKey, store.Options{})
	names := numbered(500)
	putAll(t, s, store.Identities, names...)
	writer := process("count", path)
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- writer.Wait() }()
	for running := true; running; {
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("the writer failed: %v", err)
			}
			running = false // and one more list
		default:
		}
		found := listed(t, s, store.Identities)
		if slices.Sort(found); !slices.Equal(found, slices.Sorted(slices.Values(names))) {
			t.Fatalf("%d of %d records", len(found), len(names))
		}
	}
}

// A file of version 0.2: a sealed row does not tell its name until it is written again; those of a
// plaintext file do.
func TestWalkInAnOlderStore(t *testing.T) {
	everyOld(t, func(t *testing.T, o old) {
		s := open(t, o.path, o.storageKey, o.options())
		names := func() (all []string) {
			err := s.Walk(store.Sessions, "", func(name string, _ []byte) bool { all = append(all, name); return true })
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
		want := 0
		if o.storageKey == nil {
			want = len(o.records)
		}
		if found := names(); len(found) != want {
			t.Fatalf("%d names, want %d", len(found), want)
		}
		for name := range o.records {
			put(t, s, name, "written again")
		}
		if found := names(); len(found) != len(o.records) {
			t.Fatalf("%d names of rows that were written again, want %d", len(found), len(o.records))
		}
	})
}

// A row that was swapped or damaged is told, and never listed under another name.
func TestWalkFindsDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	s := open(t, path, storageKey, store.Options{})
	putAll(t, s, store.Sessions, numbered(3)...)
	s.Close()
	change(t, path, "UPDATE items SET value = (SELECT max(value) FROM items WHERE kind = 4) WHERE kind = 4")
	s = open(t, path, storageKey, store.Options{})
	found := map[string]bool{}
	err := s.Walk(store.Sessions, "", func(name string, _ []byte) bool { found[name] = true; return true })
	if status.Of(err) != status.StoreCorrupt || len(found) > 1 {
		t.Fatalf("%d names of swapped rows: %v", len(found), err)
	}
	s.Close()
	if err := s.Walk(store.Sessions, "", func(string, []byte) bool { return true }); status.Of(err) != status.Handle {
		t.Fatalf("a closed store was walked: %v", err)
	}
}
