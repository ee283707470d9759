//go:build amd64 || arm64 || 386

// Package registers clears the processor's registers, where work on secrets leaves
// traces. They stay there until the register is needed again, and get into memory
// wherever registers are saved: by a signal, a debugger, a lazily bound call of the host.
package registers

// Clear sets general and vector registers to zero, except those that the runtime needs.
// AVX-512's second half of vector registers stays: Go's code doesn't use it.
func Clear() { zero(wide) }

// zero is told whether the vector registers have the upper half of AVX.
func zero(wide bool)

// Save stores the first eight vector registers, for tests.
func Save(vectors *[16]uint64)

// contents has all registers that zero clears.
type contents struct {
	vectors [vectors][wordsInVector]uint64
	general [generalRegisters]uintptr
}

// try is for the test: it fills the registers from full, calls zero if erase is set, and stores
// their contents; no code in between uses them. Without wide it leaves the upper halves alone.
func try(wide, erase bool, full, left *contents)
