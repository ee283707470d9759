package session

import (
	"crypto/aes"
	"crypto/cipher"
	"libcallkey/tests/ctime"
	"testing"
)

func noisyKeys() *messageKeys {
	var k messageKeys
	ctime.Noise(k.cipher[:])
	ctime.Noise(k.mac[:])
	ctime.Noise(k.iv[:])
	return &k
}

// Would the time tell how much of a forged message's tag is right?
func BenchmarkTimingTag(b *testing.B) {
	k, s := noisyKeys(), &state{}
	covered := make([]byte, 100)
	ctime.Noise(covered)
	tag := messageMAC(k, &s.remoteIdentity, &s.localIdentity, covered)
	almost := func(input []byte) {
		copy(input, tag[:])
		input[macBytes-1] ^= 1
	}
	ctime.Compare(b, macBytes, 1, almost, ctime.Noise, func(input []byte) {
		m := message{covered: covered, mac: input}
		if m.authentic(k, s) {
			b.Fatal("a forged tag is taken for genuine")
		}
	})
}

// Would the time tell how much of a wrong block padding is right, as in a padding oracle?
// The MAC is checked before, so this is a second line. Both classes are wrong.
func BenchmarkTimingBlockPadding(b *testing.B) {
	k := noisyKeys()
	encrypt := func(input []byte) {
		block, err := aes.NewCipher(k.cipher[:])
		if err != nil {
			b.Fatal(err)
		}
		cipher.NewCBCEncrypter(block, k.iv[:]).CryptBlocks(input, input)
	}
	almost := func(input []byte) {
		for i := range input {
			input[i] = aes.BlockSize
		}
		input[len(input)-aes.BlockSize] ^= 1
		encrypt(input)
	}
	random := func(input []byte) {
		ctime.Noise(input)
		input[len(input)-1] = aes.BlockSize
		input[len(input)-2] = aes.BlockSize + 1
		encrypt(input)
	}
	plaintext := make([]byte, 64)
	ctime.Compare(b, 64, 1, almost, random, func(input []byte) {
		if _, err := decryptBody(plaintext, k, input); err == nil {
			b.Fatal("a wrong padding is taken for right")
		}
	})
}
