//go:build !(goexperiment.runtimesecret && linux && (amd64 || arm64))

package secret

// Erases is true where Do erases what f leaves behind.
const Erases = false

// Do runs f. Nothing is erased on this platform or build.
func Do(f func()) { f() }
