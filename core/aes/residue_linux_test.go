// The race detector has a shadow of the memory that is too large to search.
//go:build !race

package aes

import (
	"bytes"
	"testing"

	"libcallkey/core/secret"
	"libcallkey/core/secret/secrettest"
)

// If this failed, the keys of a message would stay on the heap: of a long one in crypto/cipher's mode, or
// in the copy of the IV that it is given.
func TestNothingIsLeft(t *testing.T) {
	for name, w := range ways {
		for _, n := range []int{32, 4 * longBody} {
			s := secrettest.NewSearch(t)
			if s == nil {
				return
			}
			material := secrettest.Random(48)
			s.For("the cipher's key", material[:32])
			s.For("the IV", material[32:])
			body, plaintext := make([]byte, n), make([]byte, n)
			secret.Do(func() { // with the keys: outside of it a stack that grows leaves a copy
				var key [32]byte
				var iv [BlockBytes]byte
				copy(key[:], material)
				copy(iv[:], material[32:])
				clear(material)
				w.encrypt((*[16]byte)(key[:16]), body)
				w.encryptCBC(&key, &iv, body)
				w.decryptCBC(plaintext, &key, &iv, body)
				clear(key[:])
				clear(iv[:])
			})
			if left := s.Left(); left != nil {
				t.Errorf("%s: of %d bytes left are %q", name, n, left)
			}
		}
	}
}

// If this failed, the key of a frame, or what opens all of them, would stay on the stack of whoever is
// not inside secret.Do, and there until it ends.
func TestGCMStateIsCleared(t *testing.T) {
	for name, w := range gcmWays {
		t.Run(name, func(t *testing.T) { // each in a process of its own, whose stack nothing else used
			s := secrettest.NewSearch(t)
			if s == nil {
				return
			}
			key, payload := (*[16]byte)(secrettest.Random(16)), secrettest.Random(15)
			s.For("the cipher's key", key[:])
			s.For("the last bytes of a payload", payload)
			var powers [][]byte
			if gcmAvailable {
				g := new(gcm)
				g.start(key, new([16]byte))
				for i := range g.powers {
					if power := g.powers[i][:]; !secret.IsZero(power) { // some processors use fewer
						powers = append(powers, bytes.Clone(power))
					}
				}
				s.For("a power of H", powers...)
				s.For("the last round's key", g.keys[10][:])
				*g = gcm{}
			}
			sealed := make([]byte, len(payload)+TagBytes)
			opened := make([]byte, len(payload))
			// A stack that grows leaves a copy, so it grows before.
			deep(func() { w.seal(sealed, new([16]byte), new([16]byte), opened) })
			deep(func() { w.seal(sealed, key, new([16]byte), payload) })
			deep(func() {
				if !w.open(opened, key, new([16]byte), sealed) {
					t.Error("it does not open")
				}
			})
			for _, b := range append(powers, key[:], payload, opened) {
				clear(b)
			}
			if left := s.Left(); left != nil {
				t.Errorf("left are %q", left)
			}
		})
	}
}

// deep calls work so far down the stack that the search does not overwrite what it leaves there.
//
//go:noinline
func deep(work func()) {
	var between [16 << 10]byte
	work()
	clear(between[:])
}

// If this failed, the schedule would stay below the stack of whoever is not inside secret.Do, and
// there until it ends. Its first words are the key.
func TestFrameIsCleared(t *testing.T) {
	if !Available() {
		t.Skip("needs the processor's instructions for AES")
	}
	for name, call := range map[string]func(key *[32]byte){
		"Encrypt":    func(key *[32]byte) { Encrypt((*[16]byte)(key[:16]), body) },
		"EncryptCBC": func(key *[32]byte) { EncryptCBC(key, new([BlockBytes]byte), body) },
		"DecryptCBC": func(key *[32]byte) { DecryptCBC(plain, key, new([BlockBytes]byte), body) },
	} {
		s := secrettest.NewSearch(t)
		if s == nil {
			return
		}
		key := (*[32]byte)(secrettest.Random(32))
		s.For("the cipher's key", key[:16])
		call(new([32]byte)) // a stack that grows leaves a copy, so it grows before
		call(key)
		clear(key[:])
		if left := s.Left(); left != nil {
			t.Errorf("%s: left are %q", name, left)
		}
	}
}
