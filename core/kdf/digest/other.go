//go:build (!amd64 && !arm64) || purego

package digest

const available = false

func blocks(*[8]uint32, []byte) { panic(noInstructions) }

func pair(_, _ *[8]uint32, _, _ *[BlockBytes]byte) { panic(noInstructions) }

func keyed(_, _ *[8]uint32, _ *[BlockBytes]byte) { panic(noInstructions) }

func last(_ *[Bytes]byte, _, _ *[8]uint32) { panic(noInstructions) }

func lastPair(_, _ *[Bytes]byte, _, _, _, _ *[8]uint32) { panic(noInstructions) }

const noInstructions = "digest: there are no instructions for it"
