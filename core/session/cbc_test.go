package session

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"slices"
	"testing"
)

// If this failed, messages of one length would open nowhere else, and none from elsewhere here.
func TestCBCMatchesStandardLibrary(t *testing.T) {
	for blocks := range 2 * longBody / aes.BlockSize {
		var key [32]byte
		var iv [aes.BlockSize]byte
		plaintext := make([]byte, blocks*aes.BlockSize)
		rand.Read(key[:])
		rand.Read(iv[:])
		rand.Read(plaintext)
		block, err := aes.NewCipher(key[:])
		if err != nil {
			t.Fatal(err)
		}
		want := make([]byte, len(plaintext))
		cipher.NewCBCEncrypter(block, iv[:]).CryptBlocks(want, plaintext)
		body := slices.Clone(plaintext)
		if encryptCBC(&key, &iv, body); !bytes.Equal(body, want) {
			t.Fatalf("%d blocks are encrypted otherwise", blocks)
		}
		opened := make([]byte, len(body))
		if decryptCBC(opened, &key, &iv, body); !bytes.Equal(opened, plaintext) {
			t.Fatalf("%d blocks are decrypted otherwise", blocks)
		}
		if !bytes.Equal(body, want) {
			t.Fatalf("%d blocks: the ciphertext changed", blocks)
		}
	}
}

// If this failed, a message would cost a second object inside secret.Do, about a microsecond.
func TestCBCHasOneObject(t *testing.T) {
	var key [32]byte
	var iv [aes.BlockSize]byte
	body, plaintext := make([]byte, 64), make([]byte, 64)
	if n := testing.AllocsPerRun(100, func() { encryptCBC(&key, &iv, body) }); n != 1 {
		t.Errorf("to encrypt allocates %v times", n)
	}
	if n := testing.AllocsPerRun(100, func() { decryptCBC(plaintext, &key, &iv, body) }); n != 1 {
		t.Errorf("to decrypt allocates %v times", n)
	}
}
