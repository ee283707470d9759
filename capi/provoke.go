//go:build provoke

package main

// #include <stdlib.h>
// static const char *provoke(void) { return getenv("CALLKEY_PROVOKE"); }
import "C"

// selftest, in a library built only for the tests, is a bug that must not reach the
// caller: a panic two calls deep. CALLKEY_PROVOKE in the environment selects another:
//
//	nil     a nil pointer, which the processor finds: a signal while Go code runs
//	depths  the same with every amount of stack in use, recovered from, and once more
//
// See tests/c/bug.c and tests/host/faults.py.
func selftest() error {
	switch C.GoString(C.provoke()) {
	case "nil":
		return *elementThrough(nil)
	case "depths":
		for depth := range 2000 {
			if !faults(depth) {
				return nil
			}
		}
		return *elementThrough(nil)
	}
	return elementAt(nil, 3)
}

//go:noinline
func elementAt(list []error, i int) error { return list[i] }

//go:noinline
func elementThrough(list *[]error) *error { return &(*list)[0] }

// faults reports whether a nil pointer, that many calls deep, causes a panic.
func faults(depth int) (recovered bool) {
	defer func() { recovered = recover() != nil }()
	descend(depth)
	return false
}

// descend uses a few bytes of stack per call.
//
//go:noinline
func descend(depth int) int {
	if depth == 0 {
		elementThrough(nil)
		return 0
	}
	return descend(depth-1) + 1
}
