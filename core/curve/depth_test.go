//go:build !race

package curve

import (
	"runtime/debug"
	"testing"
	"unsafe"

	"libcallkey/core/curve/lanes"
)

// most is the stack that work here may take. A whole call has 15 kB on a host's thread: then its stack grows,
// and secret.Do erases twice as much in each later call.
const most = 9 << 10

// If this failed, one call that begins a session would make all later calls of its thread a microsecond slower.
// And beyond 32 kB secret.Do would leave what is deeper, and the stack would grow while secrets are on it: the
// old one stays as it is.
func TestWorkFitsTheStackOfAHostsThread(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // the garbage collector shrinks stacks
	var private, public, shared [Bytes]byte
	var signature [SignatureBytes]byte
	var random [64]byte
	Generate(&private, &public)
	message := Typed(&public)
	signature = Sign(&private, message[:])
	checks := []Check{{Public: &public}}
	for range fewestTogether {
		checks = append(checks, Check{Public: &public, Signature: &signature, Message: message[:]})
	}
	agreements := make([]Agreement, chunk)
	for i := range agreements {
		agreements[i] = Agreement{Shared: &shared, Private: &private, Public: &public}
	}
	works := map[string]func(){
		"the table of the base point": fillBaseMultiples,
		"a public key":                func() { multiplyBase(&shared, &private) },
		"a check of a public key":     func() { isMultipleOfBase(&public, &private) },
		"a signature":                 func() { sign(&signature, &private, nil, &random) },
		"signatures together":         func() { checkTogether(checks) },
		"agreements with one key":     func() { agreeByTables(agreements) },
		"an agreement with a key":     func() { agreeByTables(agreements[:1]) },
	}
	if lanes.Available() {
		var accepted [chunk]bool
		works["agreements in lanes"] = func() { agreeInLanes(agreements) }
		works["checks in lanes"] = func() {
			acceptInLanes([]Check{{Public: &public}, {Public: &public, Signature: &signature, Message: shared[:]}}, &accepted)
		}
		works["the comb of the base point"] = fillBaseComb
	}
	for name, work := range works {
		depth := make(chan int)
		go func() {
			paint()
			work()
			depth <- painted()
		}()
		if n := <-depth; n > most {
			t.Errorf("%s takes %d bytes of stack", name, n)
		} else if n == 0 {
			t.Errorf("%s takes no stack: this test is blind", name)
		}
	}
}

const paintBytes = 64 << 10

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
