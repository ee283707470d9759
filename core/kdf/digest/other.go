//go:build !amd64 || purego

package digest

const available = false

func blocks(*[8]uint32, []byte) { panic("digest: there are no instructions for it") }

func pair(_, _ *[8]uint32, _, _ *[BlockBytes]byte) { panic("digest: there are no instructions for it") }
