package digest

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"unsafe"

	"libcallkey/core/secret/secrettest"
)

// If this failed, the assembly would read or write beside its arguments, and end a program where they
// are at the border of its memory, or need them at a multiple of 16 bytes.
func TestBordersOfMemory(t *testing.T) {
	random := rand.NewChaCha8([32]byte{3})
	for distance := 0; distance <= 16; distance++ {
		for _, end := range []bool{false, true} {
			t.Run(fmt.Sprint(distance, end), func(t *testing.T) {
				place := func(n, distance int) []byte {
					b := secrettest.Bordered(t, n, distance, end)
					random.Read(b)
					return b
				}
				words := distance / 4 * 4
				state := func() *State { return (*State)(unsafe.Pointer(unsafe.SliceData(place(Bytes, words)))) }
				for n := range 4 {
					p, got := place(n*BlockBytes, distance), state()
					want := *got
					standard(&want, p)
					if got.Take(p); *got != want {
						t.Errorf("the state after %d blocks is %x, want %x", n, *got, want)
					}
				}
				a, b, inner, outer := state(), state(), state(), state()
				p, q := (*[BlockBytes]byte)(place(BlockBytes, distance)), (*[BlockBytes]byte)(place(BlockBytes, distance))
				wantA, wantB := *a, *b
				standard(&wantA, p[:])
				standard(&wantB, q[:])
				if TakeBoth(a, b, p, q); *a != wantA || *b != wantB {
					t.Errorf("two states are %x and %x, want %x and %x", *a, *b, wantA, wantB)
				}
				keyedByBlocks(&wantA, &wantB, p)
				if Keyed(inner, outer, p); *inner != wantA || *outer != wantB {
					t.Errorf("a key makes %x and %x, want %x and %x", *inner, *outer, wantA, wantB)
				}
				one, two := (*[Bytes]byte)(place(Bytes, distance)), (*[Bytes]byte)(place(Bytes, distance))
				var wantOne, wantTwo [Bytes]byte
				lastByBlocks(&wantOne, outer, inner)
				lastByBlocks(&wantTwo, b, a)
				if Last(one, outer, inner); *one != wantOne {
					t.Errorf("an HMAC is %x, want %x", *one, wantOne)
				}
				if LastOfBoth(two, one, b, outer, a, inner); *two != wantTwo || *one != wantOne {
					t.Errorf("two HMACs are %x and %x, want %x and %x", *two, *one, wantTwo, wantOne)
				}
			})
		}
	}
}
