package store

import (
	"bytes"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"
)

// If this failed, a store that had one large message would keep its size in memory until it is closed.
func TestLargeRowsLeaveNoMemoryBehind(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "store"), make([]byte, StorageKeyBytes), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	// One row alone, and several with one statement: large ones, and then small ones.
	for _, n := range []int{1, 2 * Batch} {
		for _, size := range []int{8 << 20 / n, 10} {
			err := s.Update(func(tx *Tx) error {
				for i := range n {
					tx.Put(Opened, fmt.Sprint(i), bytes.Repeat([]byte{byte(size)}, size))
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			err = s.Update(func(tx *Tx) error {
				for i := range n {
					if got, err := tx.Get(Opened, fmt.Sprint(i)); err != nil || !bytes.Equal(got, bytes.Repeat([]byte{byte(size)}, size)) {
						t.Errorf("row %d of %d with %d bytes is read with %d: %v", i, n, size, len(got), err)
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	items := s.backend.(*file).items
	for name, statement := range map[string]any{"upserts": items.upserts, "manyUpserts": items.manyUpserts} {
		kept := reflect.ValueOf(statement).Elem().FieldByName("argBufCap") // of the driver
		if n := kept.Int(); n > maxRunBytes {
			t.Errorf("%s keeps %d bytes", name, n)
		}
	}
}

// The same of a store in memory. If a row that moves were not wiped, its secrets would stay.
func TestLargeRowsInMemoryLeaveNoneBehind(t *testing.T) {
	var r memoryRow
	large := bytes.Repeat([]byte{7}, 8<<20)
	r.set(large)
	had := r.value
	r.set([]byte("small"))
	if string(r.value) != "small" || cap(r.value) > maxSpareBytes {
		t.Errorf("%d bytes are in %d", len(r.value), cap(r.value))
	}
	if !bytes.Equal(had, make([]byte, len(had))) {
		t.Error("the row before is not wiped")
	}
	before := &r.value[0]
	if r.set([]byte("tiny")); &r.value[0] != before {
		t.Error("a row of about the same size has other memory")
	}
}
