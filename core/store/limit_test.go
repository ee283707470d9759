package store_test

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

// limitedUpdate is what a child process does to whom the system refuses writes beyond a
// size: one commit of several records.
func limitedUpdate(path string) error {
	ignoreFileSize()
	var limit uint64
	path, number, _ := strings.Cut(path, "|")
	fmt.Sscan(number, &limit)
	s, err := store.Open(path, storageKey, store.Options{})
	if err != nil {
		return err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
		return err
	}
	update := func(value string) error {
		return s.Update(func(tx *store.Tx) error {
			for _, table := range []store.Table{store.Sessions, store.Prekeys, store.Identities} {
				tx.Put(table, "n", []byte(strings.Repeat(value, 3000)))
			}
			return nil
		})
	}
	if err := update("2"); err != nil {
		return err
	}
	return s.Close()
}

func ignoreFileSize() { signal.Ignore(syscall.SIGXFSZ) }

// A write that fails in the middle of a commit, at whichever of its bytes, is STORE, and
// the store is as it was before or as it is after the commit.
func TestWriteErrorAtEveryStep(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s")
	outcomes := map[status.Code]int{}
	step, least := 1<<10, 5
	if testing.Short() {
		step, least = 16<<10, 1
	}
	for limit := 0; limit <= 64<<10; limit += step {
		os.Remove(path)
		os.Remove(path + "-wal")
		os.Remove(path + "-shm")
		s := open(t, path, storageKey, store.Options{})
		if err := s.Update(func(tx *store.Tx) error {
			for _, table := range []store.Table{store.Sessions, store.Prekeys, store.Identities} {
				tx.Put(table, "n", []byte(strings.Repeat("1", 3000)))
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		c := process("limit", fmt.Sprintf("%s|%d", path, limit))
		out, err := c.CombinedOutput()
		if _, exited := err.(*exec.ExitError); err != nil && !exited || c.ProcessState.ExitCode() < 0 {
			t.Fatalf("limit %d: %v %s", limit, err, out)
		}
		code := status.Code(-c.ProcessState.ExitCode())
		outcomes[code]++
		rows := map[string]bool{}
		s = open(t, path, storageKey, store.Options{})
		err = s.Update(func(tx *store.Tx) error {
			for _, table := range []store.Table{store.Sessions, store.Prekeys, store.Identities} {
				row, err := tx.Get(table, "n")
				if err != nil {
					return err
				}
				rows[string(row[:1])] = true
			}
			return nil
		})
		s.Close()
		if err != nil || len(rows) != 1 {
			t.Fatalf("limit %d, %s: %v, commits %v in one store", limit, code.Name(), err, rows)
		}
		if code == status.OK && !rows["2"] {
			t.Fatalf("limit %d: a commit that was OK is gone", limit)
		}
	}
	if len(outcomes) != 2 || outcomes[status.Store] < least || outcomes[status.OK] < least {
		t.Fatalf("outcomes: %v", outcomes)
	}
}
