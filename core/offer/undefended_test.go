package offer_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"libcallkey/core/offer"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// The attacks that docs/security.md calls possible. If one of these tests failed, the page
// would warn of something that is not so, and an app would do work for nothing.

// A server that gives out a bundle of its own, for a device that we don't know yet, is
// taken for that device.
func TestFirstContactIsTrusted(t *testing.T) {
	caller, callee, server := openStore(t, false), openStore(t, false), openStore(t, false)
	jid := fmt.Sprintf(calleeJID, 0)
	begin(t, caller, server, jid)
	key := newKey(t)
	ciphertext, enc, err := offer.SealEnc(caller, jid, key[:], -1)
	if err != nil {
		t.Fatal(err)
	}
	var opened [32]byte
	if err := offer.OpenEnc(server, &opened, callerJID, enc, 2, ciphertext); err != nil || opened != key {
		t.Fatalf("the server opens it: %v", err)
	}
	if err := offer.OpenEnc(callee, &opened, callerJID, enc, 2, ciphertext); status.Of(err) == status.OK {
		t.Fatal("the callee opens it too")
	}
}

// A ciphertext says nothing about the call that it came with.
func TestAStanzaIsTheServersWord(t *testing.T) {
	caller, callee := openStore(t, false), openStore(t, false)
	jid := fmt.Sprintf(calleeJID, 0)
	begin(t, caller, callee, jid)
	key := newKey(t)
	ciphertext, enc, err := offer.SealEnc(caller, jid, key[:], -1)
	if err != nil {
		t.Fatal(err)
	}
	another := callOptions
	another.CallID = "FFEEDDCCBBAA99887766554433221100"
	wire, err := stanza.BuildOffer([]stanza.Enc{{JID: jid, Type: enc, Ciphertext: ciphertext}}, &another)
	if err != nil {
		t.Fatal(err)
	}
	var opened [32]byte
	info, err := offer.Open(callee, &opened, wire, []string{jid}, "")
	if err != nil || opened != key || info.CallID != another.CallID {
		t.Fatalf("it opens as a call of %q: %v", info.CallID, err)
	}
}

// A store can't tell that it is an old copy: it opens what it opened before, and seals with
// a counter that was used, which the peer refuses.
func TestOldCopyOpensAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	reopen := func() *store.Store {
		t.Helper()
		s, err := signal.OpenStore(path, storageKey, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	ours, peer := reopen(), openStore(t, false)
	jid := fmt.Sprintf(calleeJID, 0)
	begin(t, ours, peer, jid)
	key := newKey(t)
	ciphertext, enc, err := offer.SealEnc(ours, jid, key[:], -1)
	if err != nil {
		t.Fatal(err)
	}
	var opened [32]byte
	if err := offer.OpenEnc(peer, &opened, callerJID, enc, 2, ciphertext); err != nil {
		t.Fatal(err)
	}
	reply, replyType, err := offer.SealEnc(peer, callerJID, key[:], -1)
	if err != nil {
		t.Fatal(err)
	}
	ours.Close()
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	open := func(s *store.Store) error { return offer.OpenEnc(s, &opened, jid, replyType, 2, reply) }
	sealed := func(s *store.Store) []byte {
		t.Helper()
		another := newKey(t)
		ciphertext, _, err := offer.SealEnc(s, jid, another[:], -1)
		if err != nil {
			t.Fatal(err)
		}
		return ciphertext
	}
	ours = reopen()
	first := sealed(ours)
	if err := open(ours); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, open(ours), status.Duplicate)
	ours.Close()
	if err := os.WriteFile(path, old, 0o600); err != nil {
		t.Fatal(err)
	}
	ours = reopen()
	defer ours.Close()
	second := sealed(ours)
	if err := open(ours); err != nil {
		t.Fatalf("the old copy knows what was opened after it: %v", err)
	}
	if err := offer.OpenEnc(peer, &opened, callerJID, enc, 2, first); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, offer.OpenEnc(peer, &opened, callerJID, enc, 2, second), status.Duplicate)
}
