package kdf_test

import (
	"testing"

	"libcallkey/core/aes"
	"libcallkey/core/kdf"
	"libcallkey/tests/ctime"
)

// Would the time tell what the key and the message are of which a key is derived?
func BenchmarkTimingHKDF(b *testing.B) {
	var out [80]byte
	ctime.Compare(b, 64, 1, func(input []byte) { clear(input) }, ctime.Noise, func(input []byte) {
		kdf.HKDF(out[:], input[:32], input[32:], nil)
	})
}

// Would the time tell what a cipher's key is, or what it decrypts?
func BenchmarkTimingCipher(b *testing.B) {
	var plaintext [64]byte
	ctime.Compare(b, 32+16+len(plaintext), 1, func(input []byte) { clear(input) }, ctime.Noise, func(input []byte) {
		aes.DecryptCBC(plaintext[:], (*[32]byte)(input), (*[16]byte)(input[32:]), input[48:])
		aes.Encrypt((*[16]byte)(input), plaintext[:])
	})
}
