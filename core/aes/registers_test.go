//go:build amd64 || arm64

package aes

import (
	"testing"

	"libcallkey/core/secret/secrettest"
)

// If this failed, a key would stay in the vector registers of whoever is not inside secret.Do, and
// there until it ends.
func TestRegistersAreCleared(t *testing.T) {
	if !gcmAvailable {
		t.Skip("needs the processor's instructions for AES and GCM")
	}
	var key [32]byte
	var iv [BlockBytes]byte
	var g gcm
	decrypt := func() { DecryptCBC(plain, &key, &iv, body) }
	for name, work := range map[string]func(){
		"DecryptCBC": decrypt,
		// These use fewer of them.
		"Encrypt":    func() { decrypt(); Encrypt((*[16]byte)(key[:16]), body) },
		"EncryptCBC": func() { decrypt(); EncryptCBC(&key, &iv, body) },
		"gcmStart":   func() { g.start((*[16]byte)(key[:16]), &iv) },
		"gcmSeal":    func() { g.seal(plain, body) },
		"gcmCount":   func() { g.open(plain, body) },
		"gcmHash":    func() { g.hash(body) },
	} {
		var left [16]uint64
		// Another goroutine may run in between, so the best of a few counts.
		for range 5 {
			if left = secrettest.Vectors(work); left == [16]uint64{} {
				break
			}
		}
		if left != [16]uint64{} {
			t.Errorf("%s leaves %x", name, left)
		}
	}
}
