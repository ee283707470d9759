package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

const keepsLocks = true

// system is what a child process does that only Linux can do.
func system(task, paths string) error {
	from, to, _ := strings.Cut(paths, "|")
	switch task {
	case "bind": // in a mount namespace of its own
		if err := syscall.Mount("", "/", "", syscall.MS_PRIVATE|syscall.MS_REC, ""); err != nil {
			return err
		}
		target := to
		if info, err := os.Stat(from); err == nil && info.IsDir() {
			target = filepath.Dir(to)
		}
		if err := syscall.Mount(from, target, "", syscall.MS_BIND, ""); err != nil {
			return err
		}
		s, err := store.Open(to, storageKey, store.Options{})
		if err == nil {
			err = count(s)
		}
		return err
	}
	return fmt.Errorf("unknown task %q", task)
}

// Row 26: a container gets a file by a bind mount. A mount of its folder shares the log, a mount of
// the file alone does not.
func TestBindMounts(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("skipped: needs root, to mount")
	}
	dir := t.TempDir()
	path := dir + "/s"
	s := open(t, path, storageKey, store.Options{})
	os.Mkdir(dir+"/b", 0o700)
	os.WriteFile(dir+"/alone", nil, 0o600)
	bound := func(from, to string) status.Code {
		c := process("bind", from+"|"+to)
		c.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
		out, err := c.CombinedOutput()
		if c.ProcessState == nil {
			t.Fatal(err)
		}
		t.Logf("%s", out)
		return status.Code(-c.ProcessState.ExitCode())
	}
	if got := bound(path, dir+"/alone"); got != status.Store {
		t.Errorf("the file alone: %s, want STORE", got.Name())
	}
	if got := bound(dir, dir+"/b/s"); got != status.OK {
		t.Errorf("the folder: %s, want OK", got.Name())
	}
	if err := count(s); err != nil {
		t.Fatal(err)
	}
	if got := get(t, s, "n"); got != "2" {
		t.Fatalf("counted to %s, want 2", got)
	}
}

// deep makes folders until their path has n bytes, and goes there name by name: the system takes no
// path of more than 4095 bytes at once.
func deep(t *testing.T, n int) {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	for length := len(dir); length < n; {
		name := strings.Repeat("d", min(200, n-length-1))
		if err := os.Mkdir(name, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chdir(name); err != nil {
			t.Fatal(err)
		}
		length += 1 + len(name)
	}
}

// Row 33: what the system takes as a path works, though SQLite ends at 504 bytes.
func TestLongPaths(t *testing.T) {
	for _, n := range []int{490, 500, 502, 503, 504, 512, 1000, 4000, 4090, 5000} {
		deep(t, n)
		path := "s"
		if dir, err := os.Getwd(); err == nil && n < 4090 {
			path = dir + "/s"
		}
		s := open(t, path, storageKey, store.Options{})
		k := keeping(t, path)
		if err := count(s); err != nil {
			t.Errorf("%d bytes: %v", n, err)
		}
		if got := k.count(t); got != status.OK {
			t.Errorf("%d bytes, another process: %s", n, got.Name())
		}
		k.close(t)
		if got := get(t, s, "n"); got != "2" {
			t.Errorf("%d bytes: counted to %s, want 2", n, got)
		}
		os.Link("s", "hard")
		if got := opened(t, "hard"); got != status.Store {
			t.Errorf("%d bytes, a hard link: %s", n, got.Name())
		}
		s.Close()
		os.Remove("hard")
		if files, _ := os.ReadDir("."); len(files) != 1 {
			t.Errorf("%d bytes: left %v", n, files)
		}
	}
}
