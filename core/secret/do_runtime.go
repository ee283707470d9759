//go:build goexperiment.runtimesecret && linux && !android && (amd64 || arm64) && !unprotected

package secret

import rt "runtime/secret"

// By names the eraser: the Go runtime.
const By = "runtime"

// Do runs f and erases its registers and stack when it returns, and its heap
// allocations when the garbage collector frees them.
func Do(f func()) { rt.Do(f) }
