//go:build !(amd64 || arm64 || 386)

// Package registers clears the processor's registers.
package registers

// Clear does nothing: the code that Go has for this processor computes in its few general
// registers, and any work overwrites those.
func Clear() {}
