package store_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Row 26: a file under two names has two logs. Two who open it so read the same counters and use
// them twice. What leads to one name is one store; another name is refused.
func TestFault26OneFileUnderTwoNames(t *testing.T) {
	for name, c := range map[string]struct {
		other string // path in the folder
		make  func(dir string) error
		want  status.Code
	}{
		"the same path":     {"s", nil, status.OK},
		"a symbolic link":   {"link", func(dir string) error { return os.Symlink("s", dir+"/link") }, status.OK},
		"links to a link":   {"b/link", func(dir string) error { return links(dir) }, status.OK},
		"a folder and back": {"b/../s", func(dir string) error { return os.Mkdir(dir+"/b", 0o700) }, status.OK},
		"a hard link":       {"hard", func(dir string) error { return os.Link(dir+"/s", dir+"/hard") }, status.Store},
		"a new name":        {"new", func(dir string) error { return os.Rename(dir+"/s", dir+"/new") }, status.Store},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path, other := dir+"/s", dir+"/"+c.other
			s := open(t, path, storageKey, store.Options{})
			k := keeping(t, path)
			if err := count(s); err != nil {
				t.Fatal(err)
			}
			if c.make != nil {
				if err := c.make(dir); err != nil {
					t.Fatal(err)
				}
			}
			steps := 1
			here, err := store.Open(other, storageKey, store.Options{})
			if status.Of(err) != c.want {
				t.Errorf("in this process: %v, want %s", err, c.want.Name())
			}
			if err == nil {
				defer here.Close()
				if err := count(here); err != nil {
					t.Error(err)
				}
				steps++
			}
			if got := opened(t, other); got != c.want {
				t.Errorf("in another process: %s, want %s", got.Name(), c.want.Name())
			} else if got == status.OK {
				steps++
			}
			if err := count(s); err == nil {
				steps++
			} else if c.other != "new" || status.Of(err) != status.Store {
				t.Error(err)
			}
			if got := k.count(t); got == status.OK {
				steps++
			} else if c.other != "new" || got != status.Store {
				t.Error(got.Name())
			}
			k.close(t)
			s.Close()
			if here != nil {
				here.Close()
			}
			// Closed, the file has no log, and any name is as good as another.
			last := path
			if c.want != status.OK {
				last = other
			}
			if c.other == "hard" && !keepsLocks {
				os.Remove(path)
			}
			s = open(t, last, storageKey, store.Options{})
			if err := count(s); err != nil {
				t.Fatal(err)
			}
			if got := get(t, s, "n"); got != string(rune('0'+steps+1)) {
				t.Fatalf("counted to %s, want %d", got, steps+1)
			}
		})
	}
}

// links makes b/link -> ../c/link -> s, through a folder that is itself a link.
func links(dir string) error {
	for _, err := range []error{
		os.Mkdir(dir+"/far", 0o700), os.Mkdir(dir+"/far/b", 0o700), os.Symlink("far/b", dir+"/b"),
		os.Symlink("../../c", dir+"/far/b/link"), os.Symlink(dir+"/s", dir+"/c"),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// Row 26: a store whose file is gone, or is another one, must not go on: whoever opens what is there
// now has none of its steps.
func TestFault26FileGoneWhileOpen(t *testing.T) {
	for name, lose := range map[string]func(path string) error{
		"removed":          os.Remove,
		"renamed":          func(path string) error { return os.Rename(path, path+"2") },
		"cut short":        func(path string) error { return os.Truncate(path, 0) },
		"replaced":         replace,
		"log removed":      func(path string) error { return os.Remove(path + "-wal") },
		"log replaced":     func(path string) error { return replace(path + "-wal") },
		"index removed":    func(path string) error { return os.Remove(path + "-shm") },
		"folder renamed":   func(path string) error { return os.Rename(filepath.Dir(path), filepath.Dir(path)+"2") },
		"everything moved": func(path string) error { return os.RemoveAll(filepath.Dir(path)) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "f", "s")
			os.Mkdir(filepath.Dir(path), 0o700)
			s := open(t, path, storageKey, store.Options{})
			second := open(t, path, storageKey, store.Options{})
			k := keeping(t, path)
			if err := count(s); err != nil {
				t.Fatal(err)
			}
			if err := lose(path); err != nil {
				t.Fatal(err)
			}
			for _, s := range []*store.Store{s, second} {
				reading := s.Update(func(tx *store.Tx) error { _, err := tx.Get(store.Sessions, "n"); return err })
				writing := count(s)
				if status.Of(reading) != status.Store || status.Of(writing) != status.Store {
					t.Errorf("reading: %v; writing: %v; want STORE", reading, writing)
				}
			}
			if got := k.count(t); got != status.Store {
				t.Errorf("another process: %s, want STORE", got.Name())
			}
		})
	}
}

func replace(path string) error {
	image, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path+".new", image, 0o600)
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	return err
}

// Row 30: the file is made where a link leads, for its owner only, and so are the log and its index,
// whatever the process's umask. The mode of a store that is there is its owner's business.
func TestFault30FileModes(t *testing.T) {
	for _, mask := range []int{0, 0o022, 0o777} {
		dir := t.TempDir()
		os.Symlink("target", dir+"/link")
		os.WriteFile(dir+"/empty", nil, 0o644)
		os.Chmod(dir+"/empty", 0o644)
		for from, made := range map[string]string{"link": "target", "plain": "plain", "empty": "empty"} {
			before := syscall.Umask(mask)
			s, err := store.Open(dir+"/"+from, storageKey, store.Options{})
			syscall.Umask(before)
			if err != nil {
				t.Fatal(err)
			}
			for _, end := range []string{"", "-wal", "-shm"} {
				info, err := os.Stat(dir + "/" + made + end)
				if err != nil || info.Mode() != 0o600 {
					t.Errorf("umask %03o, %s: %s%s has mode %v (%v), want 0600", mask, from, made, end, info.Mode(), err)
				}
			}
			s.Close()
		}
		os.Chmod(dir+"/plain", 0o660)
		open(t, dir+"/plain", storageKey, store.Options{})
		for _, end := range []string{"", "-wal", "-shm"} {
			if info, err := os.Stat(dir + "/plain" + end); err != nil || info.Mode() != 0o660 {
				t.Errorf("plain%s of a group has mode %v (%v), want 0660", end, info.Mode(), err)
			}
		}
	}
}

// Row 33: a rejected call leaves no file.
func TestFault33RefusedPathsLeaveNoFile(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	os.Mkdir(at("folder"), 0o700)
	os.Symlink(at("folder"), at("to folder"))
	os.Symlink("circle", at("circle"))
	os.WriteFile(at("file"), []byte("a letter"), 0o600)
	syscall.Mkfifo(at("fifo"), 0o600) // SQLite would wait for its other end
	os.Symlink("fifo", at("to fifo"))
	os.Symlink(strings.Repeat("n", 255), at("long"))
	want, _ := os.ReadDir(dir)
	for _, path := range []string{
		at("folder"), at("to folder"), at("new") + "/", at("folder") + "/.", at("folder") + "/..", ".", "..", "/",
		at("circle"), at("file") + "/below", at("missing/s"), at("fifo"), at("to fifo"), "/dev/null", "/dev/full",
		at(strings.Repeat("n", 248)), at(strings.Repeat("n", 251)), at(strings.Repeat("n", 255)), at(strings.Repeat("n", 256)),
		at("long"), at(strings.Repeat("n/", 3000)) + "n",
	} {
		s, err := store.Open(path, storageKey, store.Options{})
		if status.Of(err) != status.Store {
			t.Errorf("%.60s: %v, want STORE", path, err)
		}
		if s != nil {
			s.Close()
		}
	}
	if got, _ := os.ReadDir(dir); len(got) != len(want) {
		t.Fatalf("%d files, there were %d: %v", len(got), len(want), got)
	}
}

// Row 33: a pipe beside the file would stop the process for good, a link would lead to somebody
// else's file.
func TestFault33WhatLiesBesideTheFile(t *testing.T) {
	for _, end := range []string{"-wal", "-shm", "-journal"} {
		for name, lay := range map[string]func(path string) error{
			"pipe":   func(path string) error { return syscall.Mkfifo(path, 0o600) },
			"link":   func(path string) error { return os.Symlink("letter", path) },
			"folder": func(path string) error { return os.Mkdir(path, 0o700) },
		} {
			for _, there := range []bool{false, true} {
				dir := t.TempDir()
				path := dir + "/s"
				if there {
					open(t, path, storageKey, store.Options{}).Close()
				}
				os.WriteFile(dir+"/letter", []byte("a letter"), 0o600)
				if err := lay(path + end); err != nil {
					t.Fatal(err)
				}
				if _, err := store.Open(path, storageKey, store.Options{}); status.Of(err) != status.Store {
					t.Errorf("%s %s: %v, want STORE", name, end, err)
				}
				if _, err := os.Stat(path); there != (err == nil) {
					t.Errorf("%s %s: the file: %v", name, end, err)
				}
				if letter, _ := os.ReadFile(dir + "/letter"); string(letter) != "a letter" {
					t.Errorf("%s %s: the letter reads %q", name, end, letter)
				}
				os.RemoveAll(path + end)
				if err := count(open(t, path, storageKey, store.Options{})); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

// Row 33: names as long as SQLite can work with.
func TestFault33LongNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), strings.Repeat("n", 247))
	if err := count(open(t, path, storageKey, store.Options{})); err != nil {
		t.Fatal(err)
	}
}

// Row 46: a file that is opened and closed by something else in this process loses all its locks.
// Then another process may take the log away, and both go on with the same counters.
func TestFault46LocksLost(t *testing.T) {
	if !keepsLocks {
		t.Skip("skipped: only Linux can tell that locks were lost; elsewhere it shows when the log is gone")
	}
	for _, others := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "s")
		s := open(t, path, storageKey, store.Options{})
		second := open(t, path, storageKey, store.Options{})
		if others { // another process's locks
			defer keeping(t, path).close(t)
		}
		if err := count(s); err != nil {
			t.Fatal(err)
		}
		look(t, path)
		for _, s := range []*store.Store{s, second, s} {
			if err := count(s); status.Of(err) != status.Store || !strings.Contains(err.Error(), "locks") {
				t.Fatalf("after the file was closed by another: %v", err)
			}
		}
		if _, err := store.Open(path, storageKey, store.Options{}); status.Of(err) != status.Store {
			t.Fatalf("opened beside a store that has lost its locks: %v", err)
		}
		if got := opened(t, path); got != status.OK {
			t.Fatalf("another process: %s", got.Name())
		}
		second.Close()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if got := get(t, open(t, path, storageKey, store.Options{}), "n"); got != "2" {
			t.Fatalf("counted to %s, want 2", got)
		}
	}
}

// look reads a file as a backup does.
func look(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, f)
	f.Close()
}

// Row 46: a store whose log was taken away must not write that log over what others did since.
func TestFault46ClosingKeepsOthersSteps(t *testing.T) {
	if !keepsLocks {
		t.Skip("skipped: elsewhere such a store is never closed")
	}
	path := filepath.Join(t.TempDir(), "s")
	open(t, path, storageKey, store.Options{}).Close()
	s := open(t, path, storageKey, store.Options{})
	if err := count(s); err != nil {
		t.Fatal(err)
	}
	os.Remove(path + "-wal")
	os.Remove(path + "-shm")
	k := keeping(t, path)
	for range 3 {
		if got := k.count(t); got != status.OK {
			t.Fatal(got.Name())
		}
	}
	k.close(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := get(t, open(t, path, storageKey, store.Options{}), "n"); got != "3" {
		t.Fatalf("counted to %s, want 3", got)
	}
}

// A failed open releases nothing of an open store in this process.
func TestRefusedOpenKeepsLocks(t *testing.T) {
	dir := t.TempDir()
	path := dir + "/s"
	s := open(t, path, storageKey, store.Options{})
	os.Link(path, dir+"/hard")
	for _, c := range []struct {
		path string
		key  []byte
		want status.Code
	}{
		{dir + "/hard", storageKey, status.Store}, {dir + "/s/", storageKey, status.Store},
		{path, storageKey[:31], status.KeyLength}, {path, bytes.Repeat([]byte{8}, 32), status.StoreKey},
		{path, nil, status.StoreKey},
	} {
		if _, err := store.Open(c.path, c.key, store.Options{}); status.Of(err) != c.want {
			t.Fatalf("%s: %v, want %s", c.path, err, c.want.Name())
		}
	}
	if err := count(s); err != nil {
		t.Fatal(err)
	}
}
