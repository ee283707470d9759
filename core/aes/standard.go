package aes

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"slices"
	"sync"

	"libcallkey/core/secret"
)

func standardEncrypt(key *[16]byte, blocks []byte) {
	cipher, _ := aes.NewCipher(key[:]) // fails only on other key lengths
	b := scratch.Get().(*[BlockBytes]byte)
	for ; len(blocks) > 0; blocks = blocks[BlockBytes:] {
		copy(b[:], blocks)
		cipher.Encrypt(b[:], b[:])
		copy(blocks, b[:])
	}
	clear(b[:])
	scratch.Put(b)
	secret.WipeObject(cipher)
}

// scratch has the blocks that standardEncrypt works in and the nonces of GCM, zero between two uses.
// Arguments of crypto/cipher's interfaces can't be on the stack, and each allocation costs inside
// secret.Do.
var scratch = sync.Pool{New: func() any { return new([BlockBytes]byte) }}

// CBC over one cipher object. crypto/cipher's mode is a second object, which copies the key
// schedule and costs more than a short message does. Long bodies go through it: it is faster for
// each block. It gets a copy of the IV, which would otherwise take the message's keys to the heap.

// longBody is the length in bytes from which the mode is worth its object.
const longBody = 1 << 10

func standardEncryptCBC(key *[32]byte, iv *[BlockBytes]byte, blocks []byte) {
	block, _ := aes.NewCipher(key[:])
	defer secret.WipeObject(block)
	if len(blocks) >= longBody {
		first := slices.Clone(iv[:])
		mode := cipher.NewCBCEncrypter(block, first)
		mode.CryptBlocks(blocks, blocks)
		secret.WipeObject(mode)
		clear(first)
		return
	}
	previous := iv[:]
	for ; len(blocks) > 0; blocks = blocks[BlockBytes:] {
		b := blocks[:BlockBytes]
		subtle.XORBytes(b, b, previous)
		block.Encrypt(b, b)
		previous = b
	}
}

func standardDecryptCBC(plaintext []byte, key *[32]byte, iv *[BlockBytes]byte, blocks []byte) {
	block, _ := aes.NewCipher(key[:])
	defer secret.WipeObject(block)
	if len(blocks) >= longBody {
		first := slices.Clone(iv[:])
		mode := cipher.NewCBCDecrypter(block, first)
		mode.CryptBlocks(plaintext, blocks)
		secret.WipeObject(mode)
		clear(first)
		return
	}
	previous := iv[:]
	for ; len(blocks) > 0; blocks, plaintext = blocks[BlockBytes:], plaintext[BlockBytes:] {
		b := plaintext[:BlockBytes]
		block.Decrypt(b, blocks[:BlockBytes])
		subtle.XORBytes(b, b, previous)
		previous = blocks[:BlockBytes]
	}
}

func standardSealGCM(sealed []byte, key *[16]byte, nonce *[16]byte, plaintext []byte) {
	withStandardGCM(key, nonce, func(mode cipher.AEAD, nonce []byte) {
		mode.Seal(sealed[:0], nonce, plaintext, nil)
	})
}

func standardOpenGCM(plaintext []byte, key *[16]byte, nonce *[16]byte, sealed []byte) (right bool) {
	withStandardGCM(key, nonce, func(mode cipher.AEAD, nonce []byte) {
		// Elsewhere, because it clears its output if the tag is wrong.
		opened, err := mode.Open(nil, nonce, sealed, nil)
		right = err == nil
		copy(plaintext, opened)
		clear(opened)
	})
	return right
}

func withStandardGCM(key, nonce *[16]byte, use func(mode cipher.AEAD, nonce []byte)) {
	block, _ := aes.NewCipher(key[:])                        // fails only on other key lengths
	mode, _ := cipher.NewGCMWithNonceSize(block, len(nonce)) // only on other block and nonce lengths
	secret.WipeObject(block)                                 // which the mode copied
	n := scratch.Get().(*[BlockBytes]byte)
	*n = *nonce
	use(mode, n[:])
	clear(n[:])
	scratch.Put(n)
	secret.WipeObject(mode)
}
