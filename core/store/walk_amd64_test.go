package store

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"testing"
	"time"

	"libcallkey/core/secret/secrettest"
)

// If this failed, parts of a session would stay in the registers of each thread that listed the
// devices of a store in memory, or asked whether it has one.
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
	s := &Store{backend: newMemory()}
	s.backend.commit(0, []change{{Sessions, "somebody", bytes.Clone(record)}}, time.Time{})
	if n := left(secrettest.Vectors(func() { s.Walk(Sessions, "", func(string, []byte) bool { return true }) })); n != 0 {
		t.Errorf("a walk leaves %d words in registers", n)
	}
	tx := &Tx{store: s}
	if n := left(secrettest.Vectors(func() { tx.Has(Sessions, "somebody") })); n != 0 {
		t.Errorf("the question for a record leaves %d words in registers", n)
	}
	if n := left(secrettest.Vectors(func() { s.backend.after(Sessions, "", 1) })); n == 0 {
		t.Error("the copy of a row leaves nothing in registers: this test is blind")
	}
}
