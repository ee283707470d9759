package derive_test

import (
	"testing"

	"libcallkey/core/derive"
)

// Work that shares nothing and allocates nothing: how much faster it is on two processors
// is what the machine itself gives, the bound on every fan-out.
func BenchmarkSFrameKeyParallel(b *testing.B) {
	key := [32]byte{1}
	b.RunParallel(func(pb *testing.PB) {
		var out [32]byte
		for pb.Next() {
			if err := derive.SFrameKey(&out, key[:], "222222222222222:3@lid"); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
