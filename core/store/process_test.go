package store_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

// The test binary runs itself as another process when this is set: a task and a path.
const taskVariable = "CALLKEY_STORE_TEST_TASK"

const stepsOfAProcess = 80

func TestMain(m *testing.M) {
	task, path, _ := strings.Cut(os.Getenv(taskVariable), " ")
	switch task {
	case "":
		os.Exit(m.Run())
	case "count":
		s, err := store.Open(path, storageKey, store.Options{})
		for i := 0; i < stepsOfAProcess && err == nil; i++ {
			err = count(s)
		}
		finish(err)
	case "pairs":
		finish(countPairs(path))
	case "migrate":
		finish(limitedMigration(path))
	case "limit":
		finish(limitedUpdate(path))
	case "open":
		s, err := store.Open(path, storageKey, store.Options{})
		if err == nil {
			err = count(s)
		}
		finish(err)
	case "hasty":
		s, err := store.Open(path, storageKey, store.Options{Busy: 50 * time.Millisecond})
		if err == nil {
			err = count(s)
		}
		finish(err)
	case "come":
		finish(comeAndGo(path))
	case "keep":
		finish(keep(path))
	default:
		finish(system(task, path))
	}
}

// comeAndGo opens a store again and again and says how often it counted. STORE means that somebody
// has it under another name just now.
func comeAndGo(path string) error {
	counted := 0
	for range stepsOfAProcess {
		s, err := store.Open(path, storageKey, store.Options{MustExist: true, Busy: time.Minute})
		if err == nil {
			err = count(s)
			if err == nil {
				counted++
			}
			if closed := s.Close(); err == nil {
				err = closed
			}
		}
		if err != nil && status.Of(err) != status.Store {
			return err
		}
	}
	fmt.Print(counted)
	return nil
}

// keep counts once for each line that comes in, and says what came of it.
func keep(path string) error {
	s, err := store.Open(path, storageKey, store.Options{})
	fmt.Println(int(status.Of(err)))
	for lines := bufio.NewScanner(os.Stdin); err == nil && lines.Scan(); {
		fmt.Println(int(status.Of(count(s))))
	}
	if err == nil {
		err = s.Close()
	}
	return err
}

// keeper is another process that has a store open.
type keeper struct {
	c   *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func keeping(t *testing.T, path string) *keeper {
	t.Helper()
	k := &keeper{c: process("keep", path)}
	k.c.Stderr = os.Stderr
	in, _ := k.c.StdinPipe()
	out, _ := k.c.StdoutPipe()
	k.in, k.out = in, bufio.NewScanner(out)
	if err := k.c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.in.Close(); k.c.Wait() })
	if code := k.status(t); code != status.OK {
		t.Fatalf("another process opens the store: %s", code.Name())
	}
	return k
}

func (k *keeper) status(t *testing.T) status.Code {
	t.Helper()
	if !k.out.Scan() {
		t.Fatal("the other process died")
	}
	code, err := strconv.Atoi(k.out.Text())
	if err != nil {
		t.Fatal(err)
	}
	return status.Code(code)
}

// count lets it count once.
func (k *keeper) count(t *testing.T) status.Code {
	t.Helper()
	fmt.Fprintln(k.in)
	return k.status(t)
}

func (k *keeper) close(t *testing.T) {
	t.Helper()
	k.in.Close()
	if err := k.c.Wait(); err != nil {
		t.Error(err)
	}
}

// readElsewhere reads an open store's file in another process: in this one it would cost the store
// its locks.
func readElsewhere(t *testing.T, path string) []byte {
	t.Helper()
	content, err := exec.Command("cat", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// opened is what another process gets that opens the store and counts once.
func opened(t *testing.T, path string) status.Code {
	t.Helper()
	c := process("open", path)
	c.Stderr = io.Discard
	if err := c.Run(); err != nil && c.ProcessState == nil {
		t.Fatal(err)
	}
	return status.Code(-c.ProcessState.ExitCode())
}

// finish ends a task's process with the status as its exit code.
func finish(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(-int(status.Of(err)))
}

func process(task, path string) *exec.Cmd {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), taskVariable+"="+task+" "+path)
	return c
}

func count(s *store.Store) error {
	return s.Update(func(tx *store.Tx) error {
		row, err := tx.Get(store.Sessions, "n")
		n, _ := strconv.Atoi(string(row))
		tx.Put(store.Sessions, "n", []byte(strconv.Itoa(n+1)))
		return err
	})
}

// Two processes on one file, which neither has made before, never lose a step.
func TestTwoProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	var processes []*exec.Cmd
	for range 3 {
		c := process("count", path)
		c.Stderr = os.Stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		processes = append(processes, c)
	}
	for _, c := range processes {
		if err := c.Wait(); err != nil {
			t.Error(err)
		}
	}
	if got := get(t, open(t, path, storageKey, store.Options{}), "n"); got != strconv.Itoa(3*stepsOfAProcess) {
		t.Fatalf("%s steps counted of %d", got, 3*stepsOfAProcess)
	}
}

// Closing any descriptor of a file gives back the locks that the whole process has on it.
// If opening a store did this, another process could think that the file is unused.
func TestOpeningKeepsLocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	open(t, path, storageKey, store.Options{})
	// The lines of /proc/locks about the file, without their numbers. Where others take and give back
	// locks meanwhile, it shows some twice and leaves some out: so it is read many times.
	locks := func() []string {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for range 50 {
			held, err := os.ReadFile("/proc/locks")
			if err != nil {
				t.Skip("skipped: needs /proc/locks, which Linux has")
			}
			for line := range strings.Lines(string(held)) {
				if strings.Contains(line, fmt.Sprintf(":%d ", info.Sys().(*syscall.Stat_t).Ino)) {
					_, line, _ = strings.Cut(line, ": ")
					seen[strings.TrimSpace(line)] = true
				}
			}
		}
		return slices.Sorted(maps.Keys(seen))
	}
	before := locks()
	if s, err := store.Open(path, bytes.Repeat([]byte{8}, store.StorageKeyBytes), store.Options{}); err == nil {
		s.Close()
		t.Fatal("opened with a wrong storage key")
	}
	if after := locks(); len(before) == 0 || !slices.Equal(after, before) {
		t.Fatalf("the process holds these locks on the file:\n%s\nit held these:\n%s",
			strings.Join(after, "\n"), strings.Join(before, "\n"))
	}
}

// asNobody lets a process of this binary run as a user who may not write what is read-only: root may
// write anywhere.
func asNobody(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	copied := filepath.Join(os.TempDir(), fmt.Sprintf("callkey-store-test-%d", os.Getpid()))
	image, err := os.ReadFile(os.Args[0])
	if err == nil {
		err = os.WriteFile(copied, image, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(copied) })
	c.Path = copied
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
}

// A folder that can't be written to is STORE, not a crash, and nothing appears in it.
func TestReadOnlyFolder(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "made")
	open(t, path, storageKey, store.Options{}).Close()
	for _, p := range []string{dir, filepath.Dir(dir)} {
		os.Chmod(p, 0o555)
	}
	os.Chmod(path, 0o444)
	t.Cleanup(func() { os.Chmod(dir, 0o755); os.Chmod(filepath.Dir(dir), 0o755) })
	before, _ := os.ReadFile(path)
	for _, name := range []string{"made", "new"} {
		c := process("open", filepath.Join(dir, name))
		asNobody(t, c)
		out, err := c.CombinedOutput()
		if c.ProcessState == nil || c.ProcessState.ExitCode() != -int(status.Store) {
			t.Errorf("%s: %v, %s", name, err, out)
		}
	}
	after, _ := os.ReadFile(path)
	entries, _ := os.ReadDir(dir)
	if string(before) != string(after) || len(entries) != 1 {
		t.Fatalf("the read-only folder changed: %d entries", len(entries))
	}
}
