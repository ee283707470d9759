package registers

import "golang.org/x/sys/cpu"

var wide = cpu.X86.HasAVX
