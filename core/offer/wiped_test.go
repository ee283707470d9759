package offer_test

import (
	"bytes"
	"maps"
	"path/filepath"
	"testing"

	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Hardening row 45. If this failed, a key that the host wiped too early would go out as 32
// zero bytes, genuine to the receiver, and everyone could listen.
func TestFault45WipedKeysAreNotSealed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s, err := signal.OpenStore(path, storageKey, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	peer := openStore(t, false)
	begin(t, s, peer, memberJID)
	before := rowsOf(t, path)
	wiped := make([]byte, callkey.Bytes)
	if c, _, err := offer.SealEnc(s, memberJID, wiped, -1); status.Of(err) != status.InvalidKey || c != nil {
		t.Errorf("an enc of %d bytes: %v", len(c), err)
	}
	if sealed, err := offer.Seal(s, wiped, []string{memberJID}, &callOptions, -1); status.Of(err) != status.InvalidKey || sealed.Wire != nil {
		t.Errorf("an offer of %d bytes: %v", len(sealed.Wire), err)
	}
	if wire, err := offer.SealRekey(s, memberJID, wiped, 7, &callOptions, -1); status.Of(err) != status.InvalidKey || wire != nil {
		t.Errorf("an enc_rekey of %d bytes: %v", len(wire), err)
	}
	if !maps.EqualFunc(before, rowsOf(t, path), bytes.Equal) {
		t.Error("a refused call wrote to the store")
	}
}

// Hardening row 45. If this failed, a peer that seals a wiped key would have us talk under a
// key that everyone has; or refusing it would cost the session, the prekey or the next key.
func TestFault45WipedKeysAreNotOpened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s, err := signal.OpenStore(path, storageKey, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	peer := openStore(t, false)
	begin(t, peer, s, memberJID)
	for _, kind := range []stanza.EncType{stanza.EncPkmsg, stanza.EncMsg} {
		wiped := append([]byte{0x52, 0x22, 0x0a, 0x20}, make([]byte, callkey.Bytes+1)...)
		wiped[len(wiped)-1] = 1 // padding
		var c session.Ciphertext
		err := signal.Within(peer, []signal.Address{addressOf(t, memberJID)}, nil, func(tx *store.Tx, devices []signal.Device) (err error) {
			c, err = signal.Encrypt(tx, devices[0], session.Plaintext{Bytes: wiped})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		before := rowsOf(t, path)
		opened := [callkey.Bytes]byte{1}
		for range 2 { // the second is no DUPLICATE: the first was not taken
			if err := offer.OpenEnc(s, &opened, callerJID, kind, 2, c.Bytes); status.Of(err) != status.InvalidKey || opened != [callkey.Bytes]byte{} {
				t.Fatalf("%v: %v", kind, err)
			}
		}
		if !maps.EqualFunc(before, rowsOf(t, path), bytes.Equal) {
			t.Errorf("%v: a refused key changed the store", kind)
		}
		key := newKey(t)
		ciphertext, sent, err := offer.SealEnc(peer, memberJID, key[:], -1)
		if err != nil || sent != kind {
			t.Fatalf("%v, %v", sent, err)
		}
		if err := offer.OpenEnc(s, &opened, callerJID, sent, 2, ciphertext); err != nil || opened != key {
			t.Fatalf("the next key: %v", err)
		}
		acknowledge(t, peer, s, memberJID)
	}
}
