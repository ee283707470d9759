//go:build !race

package curve

import (
	"runtime/debug"
	"testing"
	"unsafe"

	"libcallkey/core/curve/lanes"
)

// cleared is the stack that secret.Do clears below its frame, and that it makes room for.
const cleared = 32 << 10

// If this failed, secret.Do would leave what is deeper, and the stack would grow while secrets are
// on it: the old one stays as it is.
func TestWorkFitsTheStackThatIsCleared(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // the garbage collector shrinks stacks
	var private, public, shared [Bytes]byte
	var signature [SignatureBytes]byte
	var random [64]byte
	Generate(&private, &public)
	agreements := make([]Agreement, chunk)
	for i := range agreements {
		agreements[i] = Agreement{Shared: &shared, Private: &private, Public: &public}
	}
	works := map[string]func(){
		"the table of the base point": fillBaseMultiples,
		"a public key":                func() { multiplyBase(&shared, &private) },
		"a check of a public key":     func() { isMultipleOfBase(&public, &private) },
		"a signature":                 func() { sign(&signature, &private, nil, &random) },
		"agreements with one key":     func() { agreeByTables(agreements) },
		"an agreement with a key":     func() { agreeByTables(agreements[:1]) },
	}
	if lanes.Available() {
		works["agreements in lanes"] = func() { agreeInLanes(agreements) }
		works["the comb of the base point"] = fillBaseComb
	}
	for name, work := range works {
		depth := make(chan int)
		go func() {
			paint()
			work()
			depth <- painted()
		}()
		// The rest is for the frames between Do and the work.
		if n := <-depth; n > cleared-4<<10 {
			t.Errorf("%s takes %d bytes of stack", name, n)
		} else if n == 0 {
			t.Errorf("%s takes no stack: this test is blind", name)
		}
	}
}

const paintBytes = 2 * cleared

//go:noinline
func paint() {
	var below [paintBytes]byte
	for i := range below {
		below[i] = 0xa5
	}
	look(&below)
}

//go:noinline
func look(*[paintBytes]byte) {}

// painted returns how far below its frame the paint was overwritten.
//
//go:noinline
func painted() int {
	var here uint64
	for at := paintBytes - 1024; at > 0; at -= 8 {
		if *(*uint64)(unsafe.Add(unsafe.Pointer(&here), -at)) != 0xa5a5a5a5a5a5a5a5 {
			return at
		}
	}
	return 0
}
