package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"reflect"
	"testing"

	"golang.org/x/crypto/chacha20poly1305"
)

// If this failed, the keys of every message and of the store would stay in memory inside
// the ciphers that used them.
func TestWipeObject(t *testing.T) {
	key := make([]byte, 32)
	for i := range key {
		key[i] = byte(i + 1)
	}
	block, _ := aes.NewCipher(key)
	gcm, _ := cipher.NewGCMWithNonceSize(block, 16)
	aead, _ := chacha20poly1305.NewX(key)
	for name, object := range map[string]any{
		"AES":                block,
		"CBC encrypter":      cipher.NewCBCEncrypter(block, key[:16]),
		"CBC decrypter":      cipher.NewCBCDecrypter(block, key[:16]),
		"GCM":                gcm,
		"XChaCha20-Poly1305": aead,
	} {
		inside := reflect.ValueOf(object).Elem()
		if inside.IsZero() {
			t.Errorf("%s: there was nothing to wipe", name)
		}
		for i := range inside.NumField() {
			if k := inside.Field(i).Kind(); k == reflect.Pointer || k == reflect.Slice {
				t.Errorf("%s: its field %d only points to what it holds", name, i)
			}
		}
		WipeObject(object)
		if !inside.IsZero() {
			t.Errorf("%s: something is left", name)
		}
	}
	WipeObject(nil)
	WipeObject((*int)(nil))
}
