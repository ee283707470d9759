package store

import (
	"strings"
	"testing"
	"unsafe"
)

// partOf reports whether a string is in the memory of another one.
func partOf(whole, part string) bool {
	from, at := uintptr(unsafe.Pointer(unsafe.StringData(whole))), uintptr(unsafe.Pointer(unsafe.StringData(part)))
	return part != "" && from <= at && at < from+uintptr(len(whole))
}

// If this failed, an open store would hold all names of an offer in memory for each device that it knows.
func TestStoreCopiesTheNamesItKeeps(t *testing.T) {
	s := openKind(t, "memory")
	m := s.backend.(*memory)
	if _, err := m.after(Chains, "", 1); err != nil { // from now on it has their names sorted
		t.Fatal(err)
	}
	for round := range 3 { // the first adds a name, the others find it
		whole := strings.Repeat("device 1:0", 1000)
		name := whole[10:20]
		held := s.Lock(name)
		err := held.Update(func(tx *Tx) error {
			if _, err := tx.Alias(name); err != nil {
				return err
			}
			tx.Take(name)
			tx.Put(Chains, name, []byte("row"))
			tx.Keep(name, &note{})
			return nil
		})
		held.Unlock()
		if err != nil {
			t.Fatal(err)
		}
		var kept []string
		for row := range m.rows {
			kept = append(kept, row.name)
		}
		kept = append(kept, m.names[Chains]...)
		for key, e := range s.kept.byName {
			kept = append(kept, key, e.name, e.row)
		}
		for key := range s.aliases.target {
			kept = append(kept, key)
		}
		if len(kept) != 6 {
			t.Fatalf("it keeps %q", kept)
		}
		for i, one := range kept {
			if one != name || partOf(whole, one) {
				t.Errorf("round %d: %q, which it keeps, is of the call: number %d", round, one, i)
			}
		}
	}
}
