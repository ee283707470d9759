package store

import (
	"os"
	"path/filepath"
	"testing"

	"libcallkey/core/status"
)

// A file system without locks of open file descriptions still has stores: with SQLite's locks alone.
func TestWithoutTheSystemsLocks(t *testing.T) {
	a := &anchor{fd: -1} // whoever asks the system about it fails
	if err := a.claim(folder{}, "s"); err != nil {
		t.Errorf("claim: %v", err)
	}
	if taken, err := a.take(); !taken || err != nil {
		t.Errorf("take: %v, %v", taken, err)
	}
	if err := a.markLocks(); err != nil {
		t.Errorf("markLocks: %v", err)
	}
	if has, err := a.hasLocks(); !has || err != nil {
		t.Errorf("hasLocks: %v, %v", has, err)
	}
	a.locks = true // and with them, the failure is told
	if taken, err := a.take(); taken || status.Of(err) != status.Store {
		t.Errorf("take of a file that is closed: %v, %v", taken, err)
	}
	if err := a.claim(folder{}, "s"); status.Of(err) != status.Store {
		t.Errorf("claim of a file that is closed: %v", err)
	}
	if err := a.markLocks(); status.Of(err) != status.Store {
		t.Errorf("markLocks of a file that is closed: %v", err)
	}
	if has, err := a.hasLocks(); has || status.Of(err) != status.Store {
		t.Errorf("hasLocks of a file that is closed: %v, %v", has, err)
	}
}

// A file that came in place of another between two looks is not the one that was looked at.
func TestAnchorOfAnotherFile(t *testing.T) {
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	for _, path := range []string{one, two} {
		if err := os.WriteFile(path, []byte("content"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	info, err := statFile(one)
	if err != nil {
		t.Fatal(err)
	}
	a, err := openAnchor(one, info)
	if err != nil {
		t.Fatal(err)
	}
	a.close()
	if _, err := openAnchor(two, info); err != errMoved {
		t.Errorf("another file: %v", err)
	}
	if _, err := openAnchor(filepath.Join(dir, "three"), info); status.Of(err) != status.Store {
		t.Errorf("no file: %v", err)
	}
	if err := os.Symlink(one, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if _, err := openAnchor(filepath.Join(dir, "link"), info); status.Of(err) != status.Store {
		t.Errorf("a link: %v", err)
	}
}

// A note that has another length is another version's, and counts for nothing.
func TestLengthOfTheNote(t *testing.T) {
	file, folder := fileID{1, 2}, fileID{3, 4}
	note := noteOf(file, folder, "s")
	if len(note) != 24 {
		t.Errorf("it has %d bytes", len(note))
	}
	for name, other := range map[string][]byte{
		"of another file": noteOf(fileID{1, 3}, folder, "s"), "in another folder": noteOf(file, fileID{3, 5}, "s"), "of another name": noteOf(file, folder, "t"),
	} {
		if string(other) == string(note) {
			t.Errorf("the note %s is the same", name)
		}
	}
	if again := noteOf(fileID{9, 2}, fileID{9, 4}, "s"); string(again) != string(note) {
		t.Error("after a restart of the system, which may number its devices anew, it is another")
	}
}
