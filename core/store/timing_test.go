package store

import (
	"testing"

	"libcallkey/tests/ctime"
)

// Would the time tell how much of a record's tag is right, and so help to forge one, or to
// try storage keys? A wrong storage key is found by a key row that does not open, in the
// same way.
func BenchmarkTimingStorageKey(b *testing.B) {
	s := newSealer(newStoreID(), newDataKeys(), false)
	row := s.rowName(Table(1), "name")
	sealed := s.seal(Table(1), row, "name", make([]byte, 64))
	almost := func(input []byte) {
		copy(input, sealed)
		input[len(input)-1] ^= 1
	}
	random := func(input []byte) {
		copy(input, sealed)
		ctime.Noise(input[len(input)-16:])
	}
	ctime.Compare(b, len(sealed), 1, almost, random, func(input []byte) {
		if _, _, err := s.open(Table(1), row, "name", input); err == nil {
			b.Fatal("a forged record opens")
		}
	})
}
