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

// Save stores the first eight vector registers, for tests.
func Save(vectors *[16]uint64)

// contents are those of all registers that zero clears.
type contents struct {
	vectors [vectors][wordsInVector]uint64
	general [generalRegisters]uintptr
}

// try is for the test: it fills the registers from full, calls zero or not, and stores what is in
// them then; nothing between uses one. Where it is not wide, it leaves upper halves alone.
func try(wide, erase bool, full, left *contents)
