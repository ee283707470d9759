//go:build (!amd64 && !arm64) || purego

package aes

const available = false

func encrypt(*[16]byte, []byte) { panic(noInstructions) }

func encryptCBC(*[32]byte, *[BlockBytes]byte, []byte) { panic(noInstructions) }

func decryptCBC(*[32]byte, *[BlockBytes]byte, *byte, []byte) { panic(noInstructions) }

const noInstructions = "aes: there are no instructions for it"
