//go:build amd64 || arm64

package digest

import (
	"testing"

	"libcallkey/core/secret/secrettest"
)

// If this failed, a key would stay in the vector registers of whoever is not inside secret.Do, and
// there until it ends.
func TestRegistersAreCleared(t *testing.T) {
	if !Available() {
		t.Skip("needs the processor's instructions for SHA-256")
	}
	a, b, block := Initial, Initial, [BlockBytes]byte{1, 2, 3}
	both := func() { TakeBoth(&a, &b, &block, &block) }
	for name, work := range map[string]func(){
		"TakeBoth": both,
		// These use fewer of them.
		"Take":       func() { both(); a.Take(block[:]) },
		"Keyed":      func() { both(); Keyed(&a, &b, &block) },
		"Last":       func() { both(); Last(new([Bytes]byte), &a, &b) },
		"LastOfBoth": func() { both(); LastOfBoth(new([Bytes]byte), new([Bytes]byte), &a, &b, &b, &a) },
	} {
		var left [16]uint64
		// Another goroutine may run in between, so the best of a few counts.
		for range 5 {
			if left = secrettest.Vectors(work); left == [16]uint64{} {
				break
			}
		}
		if left != [16]uint64{} {
			t.Errorf("%s leaves %x", name, left)
		}
	}
}
