// The race detector has a shadow of the memory that is too large to search.
//go:build !race

package kdf

import (
	"testing"

	"libcallkey/core/secret"
	"libcallkey/core/secret/secrettest"
)

// If this failed, the keys of media, and of long messages, would stay on the heap in what derived
// and used them.
func TestNothingIsLeft(t *testing.T) {
	s := secrettest.NewSearch(t)
	if s == nil {
		return
	}
	key, salt, out, message := secrettest.Random(32), secrettest.Random(14), secrettest.Random(64), secrettest.Random(4000)
	secret.Do(func() {
		AESCM((*[16]byte)(key), (*[14]byte)(salt), out[:16], out[16:36], out[36:64])
	})
	s.For("the key of AESCM", key[:16])
	s.For("the last block of AESCM", out[52:64])
	var mac [Size]byte
	secret.Do(func() { HMAC(&mac, key, message[:33], message[33:66], message[66:]) })
	s.For("the message of HMAC", message)
	for i, pad := range []byte{0x36, 0x5c} {
		padded := secrettest.Random(len(key))
		for i := range padded {
			padded[i] = key[i] ^ pad
		}
		s.For([]string{"the inner key of HMAC", "the outer key of HMAC"}[i], padded)
		clear(padded)
	}
	for _, b := range [][]byte{key, salt, out, message} {
		clear(b)
	}
	if left := s.Left(); left != nil {
		t.Errorf("left are %q", left)
	}
}
