//go:build amd64 || arm64 || 386

// Package registers clears the processor's registers, in which work on secrets leaves the
// last of them. There they stay while nothing else needs the register, and go wherever
// somebody saves registers: a signal, a debugger, a lazily bound call of the host's.
package registers

// Clear sets general and vector registers to zero, but for those that the runtime needs.
// AVX-512's second half of vector registers stays: Go's code doesn't use it.
func Clear() { zero(wide) }

// zero is told whether the vector registers have the upper half of AVX.
func zero(wide bool)

// Save stores eight vector registers, and load sets them: for tests.
func Save(vectors *[16]uint64)
func load(vectors *[16]uint64)
