package store_test

import (
	"bytes"
	"fmt"
	"go/build"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

// A copy that was made while four processes write holds some state between two commits: here
// two records that every commit changes together. Half of a commit is a ratchet without its
// prekey.
func TestCopyWhileOthersWrite(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped with -short: four processes write all the while")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "s")
	s := open(t, path, storageKey, store.Options{})
	put(t, s, "filler", strings.Repeat("x", 200<<10))
	var processes []*exec.Cmd
	for range 4 {
		c := process("pairs", path)
		c.Stderr = os.Stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		processes = append(processes, c)
	}
	last := -1
	for i := range 12 {
		copied := filepath.Join(dir, fmt.Sprint("copy", i))
		if err := s.Copy(copied); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(copied)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("the copy: %v, %v", err, info.Mode())
		}
		c := open(t, copied, storageKey, store.Options{Restored: true})
		one, two := get(t, c, "one"), get(t, c, "two")
		var n int
		fmt.Sscan(one, &n)
		if one != two || n < last {
			t.Fatalf("the copy holds %q and %q, the one before %d", one, two, last)
		}
		last = n
		c.Close()
	}
	for _, c := range processes {
		if err := c.Wait(); err != nil {
			t.Error(err)
		}
	}
	if last <= 0 {
		t.Fatal("no process wrote while the copies were made")
	}
	if entries, _ := filepath.Glob(filepath.Join(dir, ".*")); len(entries) != 0 {
		t.Fatalf("left behind: %v", entries)
	}
}

// countPairs is what a child process does: two records, changed together.
func countPairs(path string) error {
	s, err := store.Open(path, storageKey, store.Options{})
	for i := 0; i < 300 && err == nil; i++ {
		err = s.Update(func(tx *store.Tx) error {
			var n int
			for _, name := range []string{"one", "two"} {
				row, err := tx.Get(store.Sessions, name)
				if err != nil {
					return err
				}
				fmt.Sscan(string(row), &n)
				tx.Put(store.Sessions, name, fmt.Append(nil, n+1))
			}
			return nil
		})
	}
	return err
}

// A failed copy returns an error and leaves no file.
func TestRefusedCopies(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "s"), storageKey, store.Options{})
	os.WriteFile(filepath.Join(dir, "taken"), []byte("precious"), 0o644)
	os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "dangling"))
	for path, want := range map[string]status.Code{
		"":                                   status.Argument,
		filepath.Join(dir, "taken"):          status.Conflict,
		filepath.Join(dir, "s"):              status.Conflict,
		filepath.Join(dir, "dangling"):       status.Conflict,
		dir:                                  status.Conflict,
		filepath.Join(dir, "no", "where"):    status.Store,
		filepath.Join(dir, "taken", "below"): status.Store,
	} {
		if err := s.Copy(path); status.Of(err) != want {
			t.Errorf("%s: %v, want %s", path, err, want.Name())
		}
	}
	if err := open(t, "", nil, store.Options{Memory: true}).Copy(filepath.Join(dir, "m")); status.Of(err) != status.Argument {
		t.Errorf("a store in memory: %v", err)
	}
	if text, _ := os.ReadFile(filepath.Join(dir, "taken")); string(text) != "precious" {
		t.Error("a file was written over")
	}
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if name := e.Name(); name != "taken" && name != "dangling" && !strings.HasPrefix(name, "s") {
			t.Errorf("%s was left behind", name)
		}
	}
	s.Close()
	if err := s.Copy(filepath.Join(dir, "closed")); status.Of(err) != status.Handle {
		t.Errorf("a closed store: %v", err)
	}
}

// The storage key changes in one row, for every process, and the old key opens nothing.
func TestChangeKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	fresh := bytes.Repeat([]byte{9}, store.StorageKeyBytes)
	s, other := open(t, path, storageKey, store.Options{}), open(t, path, storageKey, store.Options{})
	put(t, s, "a", "1")
	for _, key := range [][]byte{nil, fresh[:31], append(bytes.Clone(fresh), 1)} {
		if err := s.ChangeKey(key); status.Of(err) != status.KeyLength {
			t.Errorf("%d bytes: %v", len(key), err)
		}
	}
	before := rowsIn(t, path)
	if err := s.ChangeKey(fresh); err != nil {
		t.Fatal(err)
	}
	changed := 0
	for name, value := range rowsIn(t, path) {
		if before[name] != value {
			changed++
		}
	}
	if changed != 1 {
		t.Errorf("%d rows changed", changed)
	}
	put(t, other, "a", "2") // a process that has the file open goes on
	if get(t, s, "a") != "2" {
		t.Fatal("the processes no longer share the store")
	}
	other.Close()
	s.Close()
	if _, err := store.Open(path, storageKey, store.Options{}); status.Of(err) != status.StoreKey {
		t.Fatalf("the key before: %v", err)
	}
	if get(t, open(t, path, fresh, store.Options{}), "a") != "2" {
		t.Fatal("record lost")
	}
	plain := open(t, filepath.Join(t.TempDir(), "p"), nil, store.Options{Plaintext: true})
	if err := plain.ChangeKey(fresh); status.Of(err) != status.Argument {
		t.Errorf("a plaintext store: %v", err)
	}
	if err := open(t, "", nil, store.Options{Memory: true}).ChangeKey(fresh); status.Of(err) != status.Argument {
		t.Errorf("a store in memory: %v", err)
	}
}

// A kill while the key changes leaves one of the two keys, and every record.
func TestChangeKeyKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	fresh := bytes.Repeat([]byte{9}, store.StorageKeyBytes)
	s := open(t, path, storageKey, store.Options{})
	put(t, s, "a", "1")
	s.Close()
	s = open(t, path, storageKey, store.Options{Busy: 100 * time.Millisecond})
	put(t, s, "c", "1")
	reader, err := openRaw(path) // so that the log stays
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	begin, err := reader.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer begin.Rollback()
	if rows, err := reader.Query("SELECT count(*) FROM items", nil); err != nil {
		t.Fatal(err)
	} else {
		rows.Next(newDest(1))
		rows.Close()
	}
	image := readElsewhere(t, path)
	before, _ := os.ReadFile(path + "-wal")
	if err := s.ChangeKey(fresh); err != nil {
		t.Fatal(err)
	}
	log, _ := os.ReadFile(path + "-wal")
	keys := map[string]int{}
	for n := len(before); n <= len(log); n = min(n+512, max(len(log), n+1)) {
		laid := files{image, log[:n]}.lay(t)
		for name, key := range map[string][]byte{"before": storageKey, "after": fresh} {
			c, err := store.Open(laid, key, store.Options{})
			if err != nil {
				continue
			}
			keys[name]++
			if get(t, c, "a") != "1" || get(t, c, "c") != "1" {
				t.Fatal("record lost")
			}
			c.Close()
		}
	}
	if keys["before"] == 0 || keys["after"] == 0 {
		t.Fatalf("opened: %v", keys)
	}
}

func rowsIn(t *testing.T, path string) map[string]string {
	t.Helper()
	conn, err := openRaw(path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	rows, err := conn.Query(`SELECT hex(kind || '/' || hex(name)), hex(value) FROM (SELECT kind, name, value FROM items
		UNION ALL SELECT kind, name, value FROM archives UNION ALL SELECT 11, CAST(id AS BLOB), value FROM chains)`, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all := map[string]string{}
	for dest := newDest(2); rows.Next(dest) == nil; {
		all[fmt.Sprint(dest[0])] = fmt.Sprint(dest[1])
	}
	return all
}

// The file was replaced while it was open. A copy of what lies there now is another store's.
func TestCopyOfAReplacedFile(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir+"/s", storageKey, store.Options{})
	other := open(t, dir+"/other", storageKey, store.Options{})
	put(t, other, "n", "other")
	other.Close()
	if err := os.Rename(dir+"/other", dir+"/s"); err != nil {
		t.Fatal(err)
	}
	if err := s.Copy(dir + "/copy"); status.Of(err) != status.Store {
		t.Errorf("copied: %v, want STORE", err)
	}
	if names, _ := filepath.Glob(dir + "/*copy*"); len(names) != 0 {
		t.Errorf("left %v", names)
	}
}

// Android before version 11 ends an app that calls renameat2, with SIGSYS.
func TestNoRenameat2OnAndroid(t *testing.T) {
	android := build.Default
	android.GOOS = "android"
	p, err := android.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range p.GoFiles {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("Renameat2")) {
			t.Errorf("%s calls it", name)
		}
	}
}
