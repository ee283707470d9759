package store

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"testing"

	"libcallkey/core/secret/secrettest"
)

// If this failed, parts of a session would stay in the registers of each thread that listed the
// devices of a store that is not encrypted, or asked whether it has one.
func TestNamesClearRegisters(t *testing.T) {
	record := make([]byte, 512)
	rand.Read(record)
	left := func(words [16]uint64) (n int) {
		for _, word := range words {
			if bytes.Contains(record, binary.LittleEndian.AppendUint64(nil, word)) {
				n++
			}
		}
		return n
	}
	for _, kind := range []string{"plaintext", "memory"} {
		s := openKind(t, kind)
		if err := s.Update(func(tx *Tx) error { tx.Put(Sessions, "somebody", bytes.Clone(record)); return nil }); err != nil {
			t.Fatal(err)
		}
		if n := left(secrettest.Vectors(func() { s.Walk(Sessions, "", func(string, []byte) bool { return true }) })); n != 0 {
			t.Errorf("%s: a walk leaves %d words in registers", kind, n)
		}
		tx := &Tx{store: s}
		if n := left(secrettest.Vectors(func() { tx.Has(Sessions, "somebody") })); n != 0 {
			t.Errorf("%s: the question for a record leaves %d words in registers", kind, n)
		}
		n := left(secrettest.Vectors(func() { s.backend.after(Sessions, "", 1) }))
		if blind := n == 0; blind != (kind == "memory") {
			t.Errorf("%s: the copy of a row leaves %d words in registers", kind, n)
		}
	}
}
