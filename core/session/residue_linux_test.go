// The race detector has a shadow of the memory that is too large to search.
//go:build !race

package session

import (
	"crypto/aes"
	"crypto/cipher"
	"libcallkey/core/curve"
	"libcallkey/core/secret"
	"libcallkey/core/secret/secrettest"
	"libcallkey/core/status"
	"testing"
)

// If this failed, the keys of skipped messages would stay in memory when the peer's sixth turn
// of the ratchet drops their chain.
func TestDroppedReceivingChainIsWiped(t *testing.T) {
	a, b := twoAlone(t)
	passes(t, a, b) // b makes a turn, and so a will
	c, err := b.seal("turn")
	if err != nil {
		t.Fatal(err)
	}
	in, err := Parse(false, c.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	s := secrettest.NewSearch(t)
	if s == nil {
		return
	}
	r := a.decoded(t)
	key := secrettest.Random(32)
	r.current.filled(key)
	s.For("the keys of skipped messages", key)
	clear(key)
	err = erasing(func() error {
		left := MessageBudget
		_, next, plaintext, err := open(r.states(), &in.message, &left, System, nil)
		if err != nil {
			return err
		}
		clear(plaintext)
		if len(next.receivers) != maxReceivers {
			t.Errorf("%d chains are kept", len(next.receivers))
		}
		next.wipe()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Wipe()
	if left := s.Left(); left != nil {
		t.Errorf("left are %q", left)
	}
}

// filled gives a state as many receiving chains as it keeps, each with a skipped message.
func (s *state) filled(key []byte) {
	s.receivers = s.room[:0]
	for range maxReceivers {
		var c receiverChain
		var private [32]byte
		curve.Generate(&private, &c.ratchet)
		s.receivers = append(s.receivers, c)
		last := &s.receivers[len(s.receivers)-1]
		last.keep(skippedKey{messageKeys: messageKeys{index: 1}})
		copy(last.skipped[0].cipher[:], key)
	}
}

// A genuine but faulty message is decrypted before it is rejected.
func TestNothingIsLeftOfAFaultyPlaintext(t *testing.T) {
	s := secrettest.NewSearch(t)
	if s == nil {
		return
	}
	plaintext := secrettest.Random(48)
	plaintext[47] = 17 // more than a block of padding
	s.For("the plaintext", plaintext)
	k := &messageKeys{cipher: [32]byte{1}, iv: [16]byte{2}}
	body := secrettest.Random(48)
	block, err := aes.NewCipher(k.cipher[:])
	if err != nil {
		t.Fatal(err)
	}
	cipher.NewCBCEncrypter(block, k.iv[:]).CryptBlocks(body, plaintext)
	clear(plaintext)
	opened := make([]byte, len(body))
	secret.Do(func() { _, err = decryptBody(opened, k, body) })
	if status.Of(err) != status.Malformed {
		t.Errorf("it is %v", err)
	}
	if left := s.Left(); left != nil {
		t.Errorf("left are %q", left)
	}
}
