//go:build provoke

package main

// selftest, in a library built only for the tests, is the bug that must not reach the
// caller: a panic two calls deep. See tests/c/bug.c.
func selftest() error {
	return elementAt(nil, 3)
}

//go:noinline
func elementAt(list []error, i int) error { return list[i] }
