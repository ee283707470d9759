//go:build !(amd64 || arm64 || 386)

// Package registers clears the processor's registers.
package registers

// Clear does nothing. Of these processors the library is built only for 32-bit arm. There
// the ciphers run in the few general registers, and any work overwrites them.
func Clear() {}
