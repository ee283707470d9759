package kdf

import (
	"crypto/aes"

	"libcallkey/core/secret"
)

// A Block is what AESCM works in. Arguments of the interface cipher.Block can't be on the
// stack, so it is made outside secret.Do, where an allocation costs little. It is zero
// between two uses.
type Block [aes.BlockSize]byte

// AESCM is SRTP's key derivation with the AES-CM function and a key derivation rate of
// 0 (RFC 3711 §4.3.1 and §4.3.3): it fills outs[i] with the session key of label i.
// SRTP's labels are 0 cipher key, 1 authentication key, 2 salt, and 3 to 5 the same for
// SRTCP. Each out is at most 65536 blocks of 16 bytes.
//
// With rate 0 the key id is the label alone, so the counter block is
// master salt ‖ 00 00, with the label XORed into byte 7 and the block number in the
// last two bytes.
func AESCM(block *Block, masterKey *[16]byte, masterSalt *[14]byte, outs ...[]byte) {
	// The one allocation is the key schedule's; crypto/cipher's CTR would be another.
	cipher, err := aes.NewCipher(masterKey[:])
	if err != nil {
		panic("kdf: " + err.Error()) // only a wrong key size errs, and the type fixes it
	}
	for label, out := range outs {
		for n := 0; len(out) > 0; n++ {
			// First the counter, then in place the key stream.
			copy(block[:], masterSalt[:])
			block[7] ^= byte(label)
			block[14], block[15] = byte(n>>8), byte(n)
			cipher.Encrypt(block[:], block[:])
			out = out[copy(out, block[:]):]
		}
	}
	clear(block[:])
	secret.WipeObject(cipher)
}
