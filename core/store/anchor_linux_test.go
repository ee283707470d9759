package store

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"libcallkey/core/status"
)

// Row 46: whatever becomes of SQLite's locks, two processes never write to a log at once. If one of
// them lost its locks in the middle of a commit, it would write over the other's, whose step is
// handed out.
func TestFault46CommitsExcludeEachOtherWithoutSQLitesLocks(t *testing.T) {
	path, key := filepath.Join(t.TempDir(), "s"), bytes.Repeat([]byte{7}, StorageKeyBytes)
	s, err := Open(path, key, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	p := s.backend.(*file).place
	if err := p.hold(time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{"", "-shm"} {
		f, err := os.Open(path + end)
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	other := func() status.Code {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), "CALLKEY_STORE_TEST_TASK=hasty "+path)
		if err := c.Run(); err != nil && c.ProcessState == nil {
			t.Fatal(err)
		}
		return status.Code(-c.ProcessState.ExitCode())
	}
	if got := other(); got != status.Busy {
		t.Errorf("during a commit: %s, want BUSY", got.Name())
	}
	p.release()
	if got := other(); got != status.OK {
		t.Errorf("after it: %s", got.Name())
	}
}

// A name that was given up can be another's, even while a child of fork has the descriptor: the
// lock of an open file description is shared with every copy of it.
func TestCloseGivesTheNameBack(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir+"/s", nil, Options{Plaintext: true})
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command("sleep", "60")
	fd, err := unix.Dup(s.backend.(*file).place.anchor.fd)
	if err != nil {
		t.Fatal(err)
	}
	child.ExtraFiles = []*os.File{os.NewFile(uintptr(fd), "s")}
	err = child.Start()
	child.ExtraFiles[0].Close()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { child.Process.Kill(); child.Wait() }()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(dir+"/s", dir+"/new"); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(dir+"/new", nil, Options{Plaintext: true}); err != nil {
		t.Fatal(err)
	}
	s.Close()
}

// Row 26: without the locks that tell which name others use, a file with two names is refused.
func TestFault26HardLinkWithoutLocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	for _, name := range []string{path, path + "2"} {
		p, err := enter(path, false)
		if err != nil {
			t.Fatal(err)
		}
		p.anchor.locks = false // as of an old kernel or some network file systems
		if got, want := p.claim(false), map[bool]error{true: errLinks}[name != path]; got != want {
			t.Errorf("claimed: %v, want %v", got, want)
		}
		p.leave()
		if err := os.Link(path, path+"2"); err != nil && name == path {
			t.Fatal(err)
		}
	}
}

// A thread opens the file while another one closes the last store on it. SQLite then gives back its
// locks and ends the log; for the one that opens, nothing is lost by that.
func TestOpenWhileTheLastCloses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	s, err := Open(path, nil, Options{Plaintext: true})
	if err != nil {
		t.Fatal(err)
	}
	p := s.backend.(*file).place
	if err := p.hold(time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	closed, opened := make(chan error), make(chan error)
	go func() { closed <- s.Close() }()
	for f := s.backend.(*file); f.mu.TryLock(); f.mu.Unlock() { // until it is about to wait for the place
	}
	time.Sleep(10 * time.Millisecond) // first in the queue, or the test is about nothing
	go func() {
		s, err := Open(path, nil, Options{Plaintext: true})
		if err == nil {
			err = s.Update(func(tx *Tx) error { tx.Put(Sessions, "n", []byte("1")); return nil })
			s.Close()
		}
		opened <- err
	}()
	for waits := false; !waits; { // until it has the place in common
		places.mu.Lock()
		waits = p.stores == 2
		places.mu.Unlock()
	}
	p.release()
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if err := <-opened; err != nil {
		t.Error(err)
	}
}
