package session

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"slices"

	"libcallkey/core/secret"
)

// CBC over one cipher object. crypto/cipher's mode is a second object, which copies the key
// schedule and costs more than a short message does. Long bodies go through it: it is faster for
// each block. It gets a copy of the IV, which would otherwise take the message's keys to the heap.

// longBody is the length in bytes from which the mode is worth its object.
const longBody = 1 << 10

// encryptCBC encrypts body in place. It has whole blocks.
func encryptCBC(key *[32]byte, iv *[aes.BlockSize]byte, body []byte) {
	block, _ := aes.NewCipher(key[:]) // fails only on other key lengths
	defer secret.WipeObject(block)
	if len(body) >= longBody {
		first := slices.Clone(iv[:])
		mode := cipher.NewCBCEncrypter(block, first)
		mode.CryptBlocks(body, body)
		secret.WipeObject(mode)
		clear(first)
		return
	}
	previous := iv[:]
	for ; len(body) > 0; body = body[aes.BlockSize:] {
		b := body[:aes.BlockSize]
		subtle.XORBytes(b, b, previous)
		block.Encrypt(b, b)
		previous = b
	}
}

// decryptCBC decrypts body into plaintext, which is as long and does not overlap it.
func decryptCBC(plaintext []byte, key *[32]byte, iv *[aes.BlockSize]byte, body []byte) {
	block, _ := aes.NewCipher(key[:])
	defer secret.WipeObject(block)
	if len(body) >= longBody {
		first := slices.Clone(iv[:])
		mode := cipher.NewCBCDecrypter(block, first)
		mode.CryptBlocks(plaintext, body)
		secret.WipeObject(mode)
		clear(first)
		return
	}
	previous := iv[:]
	for ; len(body) > 0; body, plaintext = body[aes.BlockSize:], plaintext[aes.BlockSize:] {
		b := plaintext[:aes.BlockSize]
		block.Decrypt(b, body[:aes.BlockSize])
		subtle.XORBytes(b, b, previous)
		previous = body[:aes.BlockSize]
	}
}
