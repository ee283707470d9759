//go:build !purego

package aes

import "golang.org/x/sys/cpu"

var (
	available    = cpu.X86.HasAES && cpu.X86.HasSSSE3
	gcmAvailable = available && cpu.X86.HasPCLMULQDQ
	gcmWide      = gcmAvailable && cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VAES && cpu.X86.HasAVX512VPCLMULQDQ
)
