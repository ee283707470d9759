//go:build !(goexperiment.runtimesecret && linux && !android && (amd64 || arm64)) && !unprotected

package secret

import "libcallkey/core/secret/internal/registers"

// By names the eraser: Do itself, for stack and registers.
const By = "stack"

// stackBytes is the part of the stack that is cleared. Our deepest work inside Do is a session that
// begins in a record; up to 9 kB of it are agreements or a public key, as core/curve measures.
// TestDoClearsTheStack needs 24.
const stackBytes = 32 << 10

// Do runs f and clears its registers and its stack when it returns, unless it panics.
//
//go:noinline
func Do(f func()) {
	// Grow the stack first: growing it while secrets are on it would leave the old copy
	// behind.
	clearStack()
	f()
	clearStack()
	registers.Clear()
}

// clearStack sets the stackBytes below its caller's frame to zero.
//
//go:noinline
func clearStack() {
	var below [stackBytes]byte
	use(&below)
}

// use stops the compiler from dropping an array that is never read.
//
//go:noinline
func use(*[stackBytes]byte) {}
