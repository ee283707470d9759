//go:build !(amd64 || arm64 || 386)

// Package registers clears the processor's registers.
package registers

// Clear does nothing. On 32-bit arm, the one of these processors that the library is built
// for, the ciphers run in the few general registers, and any work overwrites those.
func Clear() {}
