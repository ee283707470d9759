package store_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"libcallkey/core/store"
)

var everyByte = flag.Bool("every-byte", false, "TestPowerLoss cuts the log at every byte")

// A power loss leaves any prefix of the write-ahead log. Each must open as the store was
// after some commit, with all of that commit's records or none: half of one is a ratchet
// that moved without its prekey being used up, or the other way round.
func TestPowerLoss(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s")
	s := open(t, path, storageKey, store.Options{})
	const commits = 4
	for n := 1; n <= commits; n++ {
		err := s.Update(func(tx *store.Tx) error {
			for _, table := range []store.Table{store.Sessions, store.Prekeys, store.Identities} {
				tx.Put(table, "n", []byte(strings.Repeat(fmt.Sprint(n), 50)))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	image, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(path + "-wal")
	if err != nil || len(log) == 0 {
		t.Fatalf("no log: %v", err)
	}
	const header, frame = 32, 24 + 4096
	edge, stride := 64, 509
	if testing.Short() {
		edge, stride = 1, 2039
	}
	seen := map[byte]bool{}
	last := byte('0')
	for n := 0; n <= len(log); n++ {
		// Around the edges of frames every byte counts; inside a page a few stand for all.
		if inPage := (n - header) % frame; !*everyByte && inPage > edge && inPage < frame-min(edge, 8) && inPage%stride != 0 {
			continue
		}
		value := afterCut(t, filepath.Join(dir, "cut"), image, log[:n])
		if value < last {
			t.Fatalf("%d of %d bytes give commit %c, fewer gave %c", n, len(log), value, last)
		}
		last = value
		seen[value] = true
	}
	if last != '0'+commits || len(seen) < commits {
		t.Fatalf("commits seen: %d, the last %c", len(seen), last)
	}
}

// afterCut is the commit that a store with this log opens as, '0' for none yet.
func afterCut(t *testing.T, path string, image, log []byte) byte {
	t.Helper()
	for name, content := range map[string][]byte{path: image, path + "-wal": log} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	defer os.Remove(path + "-shm")
	s, err := store.Open(path, storageKey, store.Options{})
	if err != nil {
		t.Fatalf("with %d bytes of the log the store does not open: %v", len(log), err)
	}
	defer s.Close()
	rows := map[string]bool{}
	var row []byte
	err = s.Update(func(tx *store.Tx) error {
		for _, table := range []store.Table{store.Sessions, store.Prekeys, store.Identities} {
			var err error
			if row, err = tx.Get(table, "n"); err != nil {
				return err
			}
			rows[string(row)] = true
		}
		return nil
	})
	if err != nil || len(rows) != 1 {
		t.Fatalf("with %d bytes of the log: %d different commits in one store, %v", len(log), len(rows), err)
	}
	if row == nil {
		return '0'
	}
	if !bytes.Equal(row, bytes.Repeat(row[:1], 50)) {
		t.Fatalf("a record reads %q", row)
	}
	return row[0]
}
