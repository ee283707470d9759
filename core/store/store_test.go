package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

var storageKey = bytes.Repeat([]byte{7}, store.StorageKeyBytes)

func open(t *testing.T, path string, key []byte, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(path, key, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func put(t *testing.T, s *store.Store, name, value string) {
	t.Helper()
	if err := s.Update(func(tx *store.Tx) error { tx.Put(store.Sessions, name, []byte(value)); return nil }); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, s *store.Store, name string) (value string) {
	t.Helper()
	err := s.Update(func(tx *store.Tx) error {
		row, err := tx.Get(store.Sessions, name)
		value = string(row)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func everyKind(t *testing.T, run func(t *testing.T, s *store.Store)) {
	t.Run("memory", func(t *testing.T) { run(t, open(t, "", nil, store.Options{Memory: true})) })
	t.Run("sealed", func(t *testing.T) { run(t, open(t, filepath.Join(t.TempDir(), "s"), storageKey, store.Options{})) })
	t.Run("plaintext", func(t *testing.T) {
		run(t, open(t, filepath.Join(t.TempDir(), "s"), nil, store.Options{Plaintext: true}))
	})
}

// If a failed call left half of its changes, a ratchet and a prekey would disagree.
func TestAllOrNothing(t *testing.T) {
	everyKind(t, func(t *testing.T, s *store.Store) {
		put(t, s, "a", "1")
		failure := errors.New("no")
		err := s.Update(func(tx *store.Tx) error {
			tx.Put(store.Sessions, "a", []byte("2"))
			tx.Put(store.Sessions, "b", []byte("2"))
			if row, _ := tx.Get(store.Sessions, "a"); string(row) != "2" {
				t.Errorf("own staged change reads as %q", row)
			}
			return failure
		})
		if err != failure || get(t, s, "a") != "1" || get(t, s, "b") != "" {
			t.Fatal("a failed Update left changes behind")
		}
		s.Update(func(tx *store.Tx) error { tx.Delete(store.Sessions, "a"); return nil })
		if get(t, s, "a") != "" {
			t.Fatal("deleted record is still there")
		}
	})
}

func TestRecordsSurviveReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weird ?name#%20")
	s := open(t, path, storageKey, store.Options{})
	put(t, s, "a", "1")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Update(func(*store.Tx) error { return nil }); status.Of(err) != status.Handle {
		t.Fatalf("closed store: %v", err)
	}
	if get(t, open(t, path, storageKey, store.Options{}), "a") != "1" {
		t.Fatal("record lost")
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("file mode %v: other users can read it", info.Mode())
	}
}

// Bad keys, files that are not stores and stores of newer versions have different errors, and
// none of them is written to.
func TestRefusedFiles(t *testing.T) {
	dir := t.TempDir()
	sealed, plain := filepath.Join(dir, "sealed"), filepath.Join(dir, "plain")
	open(t, sealed, storageKey, store.Options{}).Close()
	open(t, plain, nil, store.Options{Plaintext: true}).Close()
	noise := filepath.Join(dir, "noise")
	os.WriteFile(noise, bytes.Repeat([]byte("not a database"), 500), 0o600)
	future := filepath.Join(dir, "future")
	image, _ := os.ReadFile(sealed)
	os.WriteFile(future, append(append(append([]byte{}, image[:60]...), 0, 0, 0, 99), image[64:]...), 0o600)
	foreign := filepath.Join(dir, "foreign")
	os.WriteFile(foreign, append(append(append([]byte{}, image[:68]...), 0, 0, 0, 9), image[72:]...), 0o600)
	wrong := bytes.Repeat([]byte{8}, store.StorageKeyBytes)
	os.Mkdir(filepath.Join(dir, "folder"), 0o700)
	for _, c := range []struct {
		path string
		key  []byte
		o    store.Options
		want status.Code
	}{
		{sealed, wrong, store.Options{}, status.StoreKey},
		{sealed, nil, store.Options{}, status.StoreKey},
		{sealed, nil, store.Options{Plaintext: true}, status.StoreKey},
		{sealed, storageKey[:31], store.Options{}, status.KeyLength},
		{sealed, storageKey, store.Options{Plaintext: true}, status.Argument},
		{plain, storageKey, store.Options{}, status.StoreKey},
		{noise, storageKey, store.Options{}, status.StoreCorrupt},
		{noise, nil, store.Options{Plaintext: true}, status.StoreCorrupt},
		{future, storageKey, store.Options{}, status.Unsupported},
		{foreign, storageKey, store.Options{}, status.StoreCorrupt},
		{filepath.Join(dir, "folder"), storageKey, store.Options{}, status.Store},
		{filepath.Join(dir, "no", "where"), storageKey, store.Options{}, status.Store},
		{"", storageKey, store.Options{}, status.Argument},
	} {
		before, _ := os.ReadFile(c.path)
		s, err := store.Open(c.path, c.key, c.o)
		if err == nil {
			s.Close()
		}
		if status.Of(err) != c.want {
			t.Errorf("%s: %v, want %s", filepath.Base(c.path), err, c.want.Name())
		}
		if after, _ := os.ReadFile(c.path); !bytes.Equal(before, after) {
			t.Errorf("%s was changed by a refused open", filepath.Base(c.path))
		}
	}
}

// A damaged file is not mistaken for a read error: an app tries again after STORE, and
// would never stop.
func TestDamagedPages(t *testing.T) {
	const page, records = 4096, 200
	path := filepath.Join(t.TempDir(), "s")
	s := open(t, path, storageKey, store.Options{})
	for i := range records {
		put(t, s, fmt.Sprint(i), strings.Repeat("x", 100))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	image, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(image); at += page {
		damaged := bytes.Clone(image)
		copy(damaged[max(at, 100):at+page], bytes.Repeat([]byte{0xff}, page)) // after the header of the first
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		seen := 0
		s, err := store.Open(path, storageKey, store.Options{})
		for i := 0; i < records && err == nil; i++ {
			err = s.Update(func(tx *store.Tx) error {
				row, err := tx.Get(store.Sessions, fmt.Sprint(i))
				if row != nil {
					seen++
				}
				return err
			})
		}
		if status.Of(err) != status.StoreCorrupt && seen != records {
			t.Errorf("page %d damaged: %v, %d of %d records", at/page, err, seen, records)
		}
		if s != nil {
			s.Close()
		}
	}
}

// A stolen file must not show a record, a name, or let two rows be swapped.
func TestSealedRecords(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	s := open(t, path, storageKey, store.Options{})
	put(t, s, "555123@phone", "the record of a device")
	put(t, s, "other", "the record of another!")
	s.Close()
	image, _ := os.ReadFile(path)
	for _, text := range []string{"555123", "the record of"} {
		if bytes.Contains(image, []byte(text)) {
			t.Fatalf("the file shows %q", text)
		}
	}
	swapped := swapRows(t, path)
	s = open(t, swapped, storageKey, store.Options{})
	err := s.Update(func(tx *store.Tx) error { _, err := tx.Get(store.Sessions, "other"); return err })
	if status.Of(err) != status.StoreCorrupt {
		t.Fatalf("a swapped row was accepted: %v", err)
	}
}

// Two fan-outs that name the same devices in opposite order must not deadlock, and no
// two holders of one lock may overlap.
func TestLocksAreTakenInOneOrder(t *testing.T) {
	s := open(t, "", nil, store.Options{Memory: true})
	var group sync.WaitGroup
	counter := map[string]int{"a": 0, "b": 0, "c": 0}
	for i := range 16 {
		group.Go(func() {
			names := []string{"a", "b", "c", "a"}
			if i%2 == 0 {
				names = []string{"c", "b", "a"}
			}
			for range 500 {
				held := s.Lock(names...)
				for name := range counter {
					counter[name]++
				}
				held.Unlock()
			}
		})
	}
	group.Wait()
	if counter["a"] != 16*500 {
		t.Fatal("two holders of one lock overlapped")
	}
}

// Two processes that count in one record must never lose a step: a lost step is a
// message key used twice. Two connections stand for two processes here.
func TestTwoConnectionsNeverLoseAChange(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	a, b := open(t, path, storageKey, store.Options{}), open(t, path, storageKey, store.Options{})
	const each = 60
	var group sync.WaitGroup
	for _, s := range []*store.Store{a, a, b, b} {
		group.Go(func() {
			for range each {
				held := s.Lock("n")
				err := held.Update(func(tx *store.Tx) error {
					row, err := tx.Get(store.Sessions, "n")
					n, _ := strconv.Atoi(string(row))
					tx.Put(store.Sessions, "n", []byte(strconv.Itoa(n+1)))
					return err
				})
				held.Unlock()
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if got := get(t, a, "n"); got != strconv.Itoa(4*each) {
		t.Fatalf("%s steps counted of %d", got, 4*each)
	}
}

// An alias that another call or another process sets counts from then on.
func TestAliasesAreSeen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	a, b := open(t, path, storageKey, store.Options{}), open(t, path, storageKey, store.Options{})
	alias := func(s *store.Store) (target string) {
		s.Update(func(tx *store.Tx) (err error) { target, err = tx.Alias("x"); return err })
		return target
	}
	for _, target := range []string{"y", "z"} {
		alias(a)
		alias(b)
		a.Update(func(tx *store.Tx) error { tx.Put(store.Aliases, "x", []byte(target)); return nil })
		if alias(a) != target || alias(b) != target {
			t.Fatalf("aliases are %q and %q, want %q", alias(a), alias(b), target)
		}
	}
}

// A fan-out's workers each change other records; what one of them staged must be in the
// commit, or out of it, with all the rest.
func TestPartsCommitTogether(t *testing.T) {
	everyKind(t, func(t *testing.T, s *store.Store) {
		put(t, s, "whole", "0")
		for _, failure := range []error{errors.New("no"), nil} {
			err := s.Update(func(tx *store.Tx) error {
				tx.Put(store.Sessions, "whole", []byte("1"))
				var group sync.WaitGroup
				for i := range 20 {
					part := tx.Part()
					group.Go(func() {
						if row, _ := part.Get(store.Sessions, "whole"); string(row) != "1" {
							t.Errorf("a part sees %q of the whole", row)
						}
						part.Put(store.Sessions, strconv.Itoa(i), []byte("1"))
					})
				}
				group.Wait()
				return failure
			})
			want := "1"
			if failure != nil {
				want = ""
			}
			if err != failure || get(t, s, "0") != want || get(t, s, "19") != want {
				t.Fatalf("%v: part 0 is %q, part 19 %q, want %q", err, get(t, s, "0"), get(t, s, "19"), want)
			}
		}
	})
}

// A prefetched record is the same that a Get would return.
func TestFetch(t *testing.T) {
	everyKind(t, func(t *testing.T, s *store.Store) {
		put(t, s, "a", "1")
		put(t, s, "c", "3")
		err := s.Update(func(tx *store.Tx) error {
			if err := tx.Fetch(store.Sessions, []string{"a", "b", "c", "a"}); err != nil {
				return err
			}
			for range 2 {
				for name, want := range map[string]string{"a": "1", "b": "", "c": "3"} {
					if row, err := tx.Get(store.Sessions, name); err != nil || string(row) != want {
						t.Errorf("%s reads %q (%v), want %q", name, row, err, want)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
