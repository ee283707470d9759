//go:build !(goexperiment.runtimesecret && linux && !android && (amd64 || arm64)) && !unprotected

package secret

import "libcallkey/core/secret/internal/registers"

// By says what does the erasing: Do itself, of stack and registers.
const By = "stack"

// stackBytes is how much of the stack is cleared. The deepest of our work inside Do takes
// 6.5 kB (a session record in JSON, on amd64); TestDoClearsTheStack wants 24.
const stackBytes = 32 << 10

// Do runs f and clears its registers and its stack when it returns, unless it panics.
//
//go:noinline
func Do(f func()) {
	// Room first: a stack that grows while secrets are on it leaves its old copy behind.
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

// use is for the compiler, which would leave out an array that nobody looks at.
//
//go:noinline
func use(*[stackBytes]byte) {}
