package aes

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"libcallkey/core/secret/secrettest"
)

// If this failed, the assembly would read or write beside its arguments, and end a program where they
// are at the border of its memory, or need them at a multiple of 16 bytes.
func TestBordersOfMemory(t *testing.T) {
	random := rand.NewChaCha8([32]byte{3})
	for distance := 0; distance <= 16; distance++ {
		for _, end := range []bool{false, true} {
			t.Run(fmt.Sprint(distance, end), func(t *testing.T) {
				place := func(n int) []byte {
					b := secrettest.Bordered(t, n, distance, end)
					random.Read(b)
					return b
				}
				short, long, iv := (*[16]byte)(place(16)), (*[32]byte)(place(32)), (*[BlockBytes]byte)(place(BlockBytes))
				for n := range 20 { // eight at once, twice, and the rest
					got, opened := place(n*BlockBytes), place(n*BlockBytes)
					want := bytes.Clone(got)
					standardEncrypt(short, want)
					if Encrypt(short, got); !bytes.Equal(got, want) {
						t.Errorf("%d blocks are %x, want %x", n, got, want)
					}
					standardEncryptCBC(long, iv, want)
					if EncryptCBC(long, iv, got); !bytes.Equal(got, want) {
						t.Errorf("%d blocks in CBC are %x, want %x", n, got, want)
					}
					standardDecryptCBC(want, long, iv, got)
					if DecryptCBC(opened, long, iv, got); !bytes.Equal(opened, want) {
						t.Errorf("%d blocks from CBC are %x, want %x", n, opened, want)
					}
				}
			})
		}
	}
}

// If this failed, so would those of GCM, where a frame is at the border.
func TestBordersOfMemoryGCM(t *testing.T) {
	random := rand.NewChaCha8([32]byte{8})
	for distance := 0; distance <= 16; distance += 4 {
		for _, end := range []bool{false, true} {
			t.Run(fmt.Sprint(distance, end), func(t *testing.T) {
				place := func(n int) []byte {
					b := secrettest.Bordered(t, n, distance, end)
					random.Read(b)
					return b
				}
				key, nonce := (*[16]byte)(place(16)), (*[16]byte)(place(16))
				for n := range 20 * BlockBytes { // eight at once, twice, and the rest
					plaintext, sealed, opened := place(n), place(n+TagBytes), place(n)
					want := make([]byte, len(sealed))
					standardSealGCM(want, key, nonce, plaintext)
					if SealGCM(sealed, key, nonce, plaintext); !bytes.Equal(sealed, want) {
						t.Errorf("%d bytes are sealed to %x, want %x", n, sealed, want)
					}
					if !OpenGCM(opened, key, nonce, sealed) || !bytes.Equal(opened, plaintext) {
						t.Errorf("%d bytes are opened to %x, want %x", n, opened, plaintext)
					}
				}
			})
		}
	}
}
