package registers

import "golang.org/x/sys/cpu"

// wide reports whether the vector registers have the upper half of AVX.
var wide = cpu.X86.HasAVX

const (
	vectors          = 16
	wordsInVector    = 4
	generalRegisters = 13
)
