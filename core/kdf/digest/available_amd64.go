//go:build !purego

package digest

import "golang.org/x/sys/cpu"

var available = cpu.X86.HasSSSE3 && supported()
