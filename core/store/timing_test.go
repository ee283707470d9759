package store

import (
	"testing"

	"libcallkey/tests/ctime"
)

// Would the time tell how much of a record's tag is right, and so help to forge one, or to
// try storage keys? A wrong storage key is found by a record that does not open.
func BenchmarkTimingStorageKey(b *testing.B) {
	key := make([]byte, StorageKeyBytes)
	ctime.Noise(key)
	s := newSealer(key)
	sealed := s.seal(Table(1), "name", make([]byte, 64))
	almost := func(input []byte) {
		copy(input, sealed)
		input[len(input)-1] ^= 1
	}
	random := func(input []byte) {
		copy(input, sealed)
		ctime.Noise(input[len(input)-16:])
	}
	ctime.Compare(b, len(sealed), 1, almost, random, func(input []byte) {
		if _, err := s.open(Table(1), "name", input); err == nil {
			b.Fatal("a forged record opens")
		}
	})
}
