//go:build !purego

package aes

import "golang.org/x/sys/cpu"

var (
	available    = cpu.ARM64.HasAES
	gcmAvailable = available && cpu.ARM64.HasPMULL
)

const gcmWide = false

// encrypt encrypts each block of p by itself, with AES-128.
//
//go:noescape
func encrypt(key *[16]byte, p []byte)

// encryptCBC encrypts the blocks of p with AES-256 in the mode CBC.
//
//go:noescape
func encryptCBC(key *[32]byte, iv *[16]byte, p []byte)

// decryptCBC decrypts the blocks of p with AES-256 in the mode CBC, and writes as many to plaintext.
//
//go:noescape
func decryptCBC(key *[32]byte, iv *[16]byte, plaintext *byte, p []byte)

// gcmStart makes a key's schedule and its powers of H, each times x, and of a nonce of 16 bytes the
// first counter block, reversed, and the mask of the tag.
//
//go:noescape
func gcmStart(keys *[11][16]byte, powers *[8][16]byte, counter *[16]byte, mask *[16]byte, key *[16]byte, nonce *[16]byte)

// gcmCount encrypts or decrypts the blocks of p to as many, from a counter on.
//
//go:noescape
func gcmCount(keys *[11][16]byte, counter *[16]byte, to *byte, p []byte, wide bool)

// gcmHash takes the blocks of p into a sum of GHASH.
//
//go:noescape
func gcmHash(powers *[8][16]byte, sum *[16]byte, p []byte, wide bool)

// gcmSeal is gcmCount, and gcmHash of what it writes.
//
//go:noescape
func gcmSeal(keys *[11][16]byte, powers *[8][16]byte, counter *[16]byte, sum *[16]byte, to *byte, p []byte, wide bool)
