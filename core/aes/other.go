//go:build (!amd64 && !arm64) || purego

package aes

const (
	available    = false
	gcmAvailable = false
	gcmWide      = false
)

func encrypt(*[16]byte, []byte) { panic(noInstructions) }

func encryptCBC(*[32]byte, *[BlockBytes]byte, []byte) { panic(noInstructions) }

func decryptCBC(*[32]byte, *[BlockBytes]byte, *byte, []byte) { panic(noInstructions) }

func gcmStart(_ *[11][16]byte, _ *[8][16]byte, _, _, _, _ *[16]byte) { panic(noInstructions) }

func gcmCount(*[11][16]byte, *[16]byte, *byte, []byte, bool) { panic(noInstructions) }

func gcmHash(*[8][16]byte, *[16]byte, []byte, bool) { panic(noInstructions) }

func gcmSeal(_ *[11][16]byte, _ *[8][16]byte, _, _ *[16]byte, _ *byte, _ []byte, _ bool) {
	panic(noInstructions)
}

const noInstructions = "aes: there are no instructions for it"
