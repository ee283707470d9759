package store_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
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
	case "toil":
		return toil(paths)
	case "bind": // in a new mount namespace
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

// Row 26: the first process gets the file, under its name, and no other can interfere.
func TestFault26TwoNamesAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped with -short: six processes take turns, 80 each")
	}
	dir := t.TempDir()
	open(t, dir+"/s", storageKey, store.Options{}).Close()
	os.Link(dir+"/s", dir+"/hard")
	os.Symlink("hard", dir+"/link")
	var processes []*exec.Cmd
	var counted [6]strings.Builder
	for i := range counted {
		c := process("come", dir+"/"+[]string{"s", "hard", "link"}[i%3])
		c.Stdout, c.Stderr = &counted[i], os.Stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		processes = append(processes, c)
	}
	sum := 0
	for i, c := range processes {
		if err := c.Wait(); err != nil {
			t.Error(err)
		}
		n, _ := strconv.Atoi(counted[i].String())
		sum += n
	}
	t.Logf("%d of %d openings", sum, len(processes)*stepsOfAProcess)
	if got := get(t, open(t, dir+"/s", storageKey, store.Options{}), "n"); got != strconv.Itoa(sum) {
		t.Fatalf("counted to %s, in all %d times", got, sum)
	}
}

// Row 26: a container gets a file by a bind mount. A mount of its folder shares the log, a mount of
// the file alone does not.
func TestFault26BindMounts(t *testing.T) {
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

// Row 26: a process that is killed leaves steps in the log. Whoever then opens the file under another
// name, without the log, begins with counters that were used.
func TestFault26LogLeftUnderAnotherName(t *testing.T) {
	for name, c := range map[string]struct {
		move    func(dir string) error
		options store.Options
		want    status.Code
		steps   string
	}{
		"renamed":               {func(dir string) error { return os.Rename(dir+"/s", dir+"/new") }, store.Options{}, status.Store, ""},
		"linked":                {func(dir string) error { return os.Link(dir+"/s", dir+"/new") }, store.Options{}, status.Store, ""},
		"beside an empty log":   {beside(nil), store.Options{}, status.Store, ""},
		"beside a link's log":   {besideLinked, store.Options{}, status.Store, ""},
		"with its log":          {withLog(os.Rename), store.Options{}, status.OK, "3"},
		"copied with its log":   {withLog(copyFile), store.Options{}, status.OK, "3"},
		"as an old copy":        {func(dir string) error { return os.Rename(dir+"/s", dir+"/new") }, store.Options{Restored: true}, status.OK, "1"},
		"its folder is renamed": {func(dir string) error { return os.Rename(dir, dir+"2") }, store.Options{}, status.NotFound, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "f")
			os.Mkdir(dir, 0o700)
			path := dir + "/s"
			s := open(t, path, storageKey, store.Options{})
			if err := count(s); err != nil {
				t.Fatal(err)
			}
			s.Close()
			k := keeping(t, path)
			for range 2 {
				if got := k.count(t); got != status.OK {
					t.Fatal(got.Name())
				}
			}
			k.c.Process.Kill()
			k.c.Wait()
			if err := c.move(dir); err != nil {
				t.Fatal(err)
			}
			c.options.MustExist = true
			s, err := store.Open(dir+"/new", storageKey, c.options)
			if status.Of(err) != c.want {
				t.Fatalf("opened under the new name: %v, want %s", err, c.want.Name())
			}
			if err == nil {
				if got := get(t, s, "n"); got != c.steps {
					t.Errorf("counted to %s, want %s", got, c.steps)
				}
				s.Close()
				return
			}
			// Under its name nothing is lost, and then any name will do.
			switch name {
			case "its folder is renamed":
				dir += "2"
			case "renamed", "beside an empty log":
				os.Rename(dir+"/new", path)
			}
			s = open(t, dir+"/s", storageKey, store.Options{MustExist: true})
			if got := get(t, s, "n"); got != "3" {
				t.Fatalf("counted to %s, want 3", got)
			}
			s.Close()
			os.Remove(dir + "/new-wal")
			os.Rename(dir+"/s", dir+"/another")
			if got := get(t, open(t, dir+"/another", storageKey, store.Options{MustExist: true}), "n"); got != "3" {
				t.Fatalf("counted to %s, want 3", got)
			}
		})
	}
}

// Row 26: somebody else comes and goes before the first step is in the log. Its name must stay known
// as long as a process has the file open.
func TestFault26LogLeftAfterAnotherClosed(t *testing.T) {
	dir := t.TempDir()
	open(t, dir+"/s", storageKey, store.Options{}).Close()
	k := keeping(t, dir+"/s")
	open(t, dir+"/s", storageKey, store.Options{}).Close()
	if got := k.count(t); got != status.OK {
		t.Fatal(got.Name())
	}
	k.c.Process.Kill()
	k.c.Wait()
	os.Rename(dir+"/s", dir+"/new")
	if got := opened(t, dir+"/new"); got != status.Store {
		t.Errorf("opened under the new name, without its log: %s, want STORE", got.Name())
	}
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, content, 0o600)
	}
	return err
}

func withLog(move func(from, to string) error) func(dir string) error {
	return func(dir string) error {
		err := move(dir+"/s", dir+"/new")
		if err == nil {
			err = move(dir+"/s-wal", dir+"/new-wal")
		}
		return err
	}
}

func beside(log []byte) func(dir string) error {
	return func(dir string) error {
		err := os.Rename(dir+"/s", dir+"/new")
		if err == nil {
			err = os.WriteFile(dir+"/new-wal", log, 0o600)
		}
		return err
	}
}

// besideLinked leaves both names a log: which of them is ahead only the name tells.
func besideLinked(dir string) error {
	err := os.Link(dir+"/s", dir+"/new")
	if err == nil {
		err = copyFile(dir+"/s-wal", dir+"/new-wal")
	}
	return err
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
func TestFault33LongPaths(t *testing.T) {
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
		if err := s.Copy("copy"); err != nil {
			t.Errorf("%d bytes, a copy: %v", n, err)
		} else if got := get(t, open(t, "copy", storageKey, store.Options{Restored: true}), "n"); got != "2" {
			t.Errorf("%d bytes: the copy counted to %s, want 2", n, got)
		}
		os.Link("s", "hard")
		if got := opened(t, "hard"); got != status.Store {
			t.Errorf("%d bytes, a hard link: %s", n, got.Name())
		}
		s.Close()
		os.Remove("hard")
		if files, _ := os.ReadDir("."); len(files) != 4 { // the copy is still open
			t.Errorf("%d bytes: left %v", n, files)
		}
	}
}
