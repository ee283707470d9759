package store_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

// files is a store's file and its log, as bytes.
type files struct{ image, log []byte }

func filesOf(t *testing.T, path string) (f files) {
	t.Helper()
	f.image = readElsewhere(t, path)
	f.log, _ = os.ReadFile(path + "-wal")
	return f
}

// lay writes the files under a new name.
func (f files) lay(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "laid")
	if err := os.WriteFile(path, f.image, 0o600); err != nil {
		t.Fatal(err)
	}
	if f.log != nil {
		if err := os.WriteFile(path+"-wal", f.log, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// Somebody restores an old copy of the file while the log of the newer one still lies beside it.
// SQLite would play the log over the copy: pages of two files in one, or sessions of
// neither. It must be said, and neither file may be touched.
func TestRestoredFileBesideAnotherLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	s := open(t, path, storageKey, store.Options{})
	put(t, s, "n", "early")
	s.Close()
	early := filesOf(t, path)
	s = open(t, path, storageKey, store.Options{})
	copied := filepath.Join(t.TempDir(), "copy")
	for i := range 40 {
		put(t, s, "n", strings.Repeat(strconv.Itoa(i%10), 3000))
		if i == 20 {
			if err := s.Copy(copied); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.Close()
	s = open(t, path, storageKey, store.Options{})
	put(t, s, "n", "late")
	late := filesOf(t, path)
	s.Close()
	other := filepath.Join(t.TempDir(), "other")
	s = open(t, other, storageKey, store.Options{})
	put(t, s, "n", "other")
	s.Close()
	s = open(t, other, storageKey, store.Options{})
	put(t, s, "n", "more")
	others := filesOf(t, other)
	s.Close()
	for name, f := range map[string]files{
		"an early copy of the file":           {early.image, late.log},
		"a copy that callkey_store_copy made": {filesOf(t, copied).image, late.log},
		"another store's file":                {others.image, late.log},
		"another store's log":                 {late.image, others.log},
		"the file as it is, an earlier log":   {late.image, logOfEarlierRound(t)},
	} {
		laid := f.lay(t)
		for range 2 {
			s, err := store.Open(laid, storageKey, store.Options{})
			if status.Of(err) != status.Store || !strings.Contains(err.Error(), "log") {
				t.Errorf("%s: opened: %v", name, err)
			}
			if s != nil {
				s.Close()
			}
		}
		if after := filesOf(t, laid); string(after.image) != string(f.image) || string(after.log) != string(f.log) {
			t.Errorf("%s: the refused files were changed", name)
		}
		os.Remove(laid + "-wal") // moved away, as the words say
		if s, err := store.Open(laid, storageKey, store.Options{Restored: true}); err != nil {
			t.Errorf("%s without the log: %v", name, err)
		} else {
			s.Close()
		}
	}
}

// The file was emptied after a crash, and everything is in its log still. SQLite throws away what
// lies beside an empty file; the identity would be gone without a word.
func TestEmptiedFileKeepsItsLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	put(t, open(t, path, storageKey, store.Options{}), "n", "in the log")
	f := filesOf(t, path)
	laid := files{nil, f.log}.lay(t)
	if s, err := store.Open(laid, storageKey, store.Options{}); status.Of(err) != status.Store {
		t.Errorf("opened: %v", err)
		s.Close()
	}
	if after := filesOf(t, laid); string(after.log) != string(f.log) {
		t.Error("the log was changed")
	}
}

// logOfEarlierRound is the log of an unknown store.
func logOfEarlierRound(t *testing.T) []byte {
	path := filepath.Join(t.TempDir(), "gone")
	s := open(t, path, storageKey, store.Options{})
	put(t, s, "n", "gone")
	s.Close()
	s = open(t, path, storageKey, store.Options{})
	put(t, s, "n", "gone too")
	return filesOf(t, path).log
}

// A crash leaves the file and its log as they are at any moment, also in the middle of a
// checkpoint: that is not a foreign log.
func TestCrashLeavesItsOwnLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	s := open(t, path, storageKey, store.Options{})
	commits := 1200 // over a thousand pages, after which SQLite starts the log anew
	if testing.Short() {
		commits = 100
	}
	for i := range commits {
		put(t, s, "n"+strconv.Itoa(i%7), strconv.Itoa(i)+strings.Repeat("x", 3000))
		if i%97 != 0 {
			continue
		}
		laid := filesOf(t, path).lay(t)
		again, err := store.Open(laid, storageKey, store.Options{})
		if err != nil {
			t.Fatalf("after %d commits: %v", i, err)
		}
		if got := get(t, again, "n"+strconv.Itoa(i%7)); !strings.HasPrefix(got, strconv.Itoa(i)+"x") {
			t.Fatalf("after %d commits: the last is lost", i)
		}
		again.Close()
	}
}

// A peer's keys are in the records, and a plaintext store has them as they are. Whoever writes in
// one what marks a commit must not make the log look foreign.
func TestRecordThatLooksLikeACommit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	s := open(t, path, nil, store.Options{Plaintext: true})
	for round := range 2 {
		put(t, s, "peer"+strconv.Itoa(round), "callkey commit\x9e\x37"+strings.Repeat("p", 32))
		again, err := store.Open(filesOf(t, path).lay(t), nil, store.Options{Plaintext: true})
		if err != nil {
			t.Fatal(err)
		}
		again.Close()
		s.Close()
		s = open(t, path, nil, store.Options{Plaintext: true})
	}
}
