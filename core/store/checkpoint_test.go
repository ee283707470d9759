package store_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"libcallkey/core/store"
)

// page is what a log has for a page of the file.
type page struct {
	number  int
	content []byte
}

// pagesOf are the pages that a checkpoint of the log writes, in its order.
func pagesOf(log []byte) (pages []page) {
	size := int(binary.BigEndian.Uint32(log[8:]))
	newest := map[int][]byte{}
	for frame := log[32:]; len(frame) >= 24+size; frame = frame[24+size:] {
		newest[int(binary.BigEndian.Uint32(frame))] = frame[24 : 24+size]
	}
	for number, content := range newest {
		pages = append(pages, page{number, content})
	}
	slices.SortFunc(pages, func(a, b page) int { return a.number - b.number })
	return pages
}

// write puts a part of the page where it belongs.
func (p page) write(image []byte, part []byte) []byte {
	at := (p.number - 1) * len(p.content)
	if missing := at + len(part) - len(image); missing > 0 {
		image = append(image, make([]byte, missing)...)
	}
	copy(image[at:], part)
	return image
}

// A process is killed while it moves the log into the file. The log has all of it still; but
// the file alone may be no store at that moment, least of all the first time, when the table
// with the newest commit's name is not in it yet.
func TestKilledDuringACheckpoint(t *testing.T) {
	path := t.TempDir() + "/s"
	s := open(t, path, storageKey, store.Options{})
	for round := range 2 { // the second time the file is one and grows
		for i := range 8 {
			put(t, s, fmt.Sprintf("n%d.%d", round, i), strings.Repeat("x", 2000))
		}
		put(t, s, "n", "last")
		killedAnywhere(t, filesOf(t, path), func(s *store.Store) {
			if got := get(t, s, "n"); got != "last" {
				t.Fatalf("the last commit is lost, %q", got)
			}
		}, storageKey, store.Options{})
		s.Close()
		s = open(t, path, storageKey, store.Options{})
	}
}

// The same when the log has the migration from schema 1 in it.
func TestKilledDuringTheCheckpointOfAMigration(t *testing.T) {
	everyOld(t, func(t *testing.T, o old) {
		put(t, open(t, o.path, o.storageKey, o.options()), "n", "last")
		killedAnywhere(t, filesOf(t, o.path), func(s *store.Store) {
			if got := get(t, s, "n"); got != "last" {
				t.Fatalf("the last commit is lost, %q", got)
			}
			if err := o.holds(s); err != nil {
				t.Fatal(err)
			}
		}, o.storageKey, o.options())
	})
}

// killedAnywhere opens what is left after each page, and after each first sector of a page: a
// power loss can tear it.
func killedAnywhere(t *testing.T, f files, check func(s *store.Store), key []byte, o store.Options) {
	t.Helper()
	for _, p := range pagesOf(f.log) {
		for _, n := range []int{512, len(p.content)} {
			f.image = p.write(slices.Clone(f.image), p.content[:n])
			s, err := store.Open(f.lay(t), key, o)
			if err != nil {
				t.Fatalf("after %d bytes of page %d: %v", n, p.number, err)
			}
			check(s)
			s.Close()
		}
	}
}
