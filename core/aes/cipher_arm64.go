//go:build !purego

package aes

import "golang.org/x/sys/cpu"

var available = cpu.ARM64.HasAES

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
