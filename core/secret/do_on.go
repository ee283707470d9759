//go:build goexperiment.runtimesecret && linux && (amd64 || arm64)

package secret

import rt "runtime/secret"

// Erases is true where Do erases what f leaves behind.
const Erases = true

// Do runs f and erases its registers and stack when it returns, and its heap
// allocations when the garbage collector frees them.
func Do(f func()) { rt.Do(f) }
