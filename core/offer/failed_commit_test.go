package offer_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// refusing opens a store in which every commit fails from refuse on, and none after allow.
func refusing(t *testing.T) (s *store.Store, refuse, allow func()) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store")
	s, err := signal.OpenStore(path, storageKey, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(); db.Close() })
	run := func(text string) func() {
		return func() {
			if _, err := db.Exec(text); err != nil {
				t.Fatal(err)
			}
		}
	}
	const no = " BEGIN SELECT RAISE(ABORT, 'no'); END;"
	return s, run("CREATE TRIGGER no BEFORE INSERT ON items" + no + "CREATE TRIGGER noChains BEFORE INSERT ON chains" + no),
		run("DROP TRIGGER no; DROP TRIGGER noChains")
}

// A key that is given out although its commit failed opens again, at another process or after a
// restart: one call key in two hands.
func TestFailedCommitGivesNoKeyOut(t *testing.T) {
	s, refuse, allow := refusing(t)
	peer := openStore(t, false)
	begin(t, peer, s, callerJID)
	key := newKey(t)
	ciphertext, kind, err := offer.SealEnc(peer, callerJID, key[:], -1)
	if err != nil {
		t.Fatal(err)
	}
	refuse()
	opened := newKey(t)
	if err := offer.OpenEnc(s, &opened, memberJID, kind, 2, ciphertext); status.Of(err) != status.Store {
		t.Errorf("the commit failed, and the call says %v", err)
	}
	if opened != [callkey.Bytes]byte{} {
		t.Error("a key was given out")
	}
	allow()
	if err := offer.OpenEnc(s, &opened, memberJID, kind, 2, ciphertext); err != nil || opened != key {
		t.Errorf("afterwards: %v", err)
	}
	// And the other way: no ciphertext whose message key would be used again.
	refuse()
	if c, _, err := offer.SealEnc(s, memberJID, key[:], -1); status.Of(err) != status.Store || c != nil {
		t.Errorf("%d bytes were sealed: %v", len(c), err)
	}
	if sealed, err := offer.Seal(s, key[:], []string{memberJID}, &callOptions, -1); status.Of(err) != status.Store || sealed.Wire != nil {
		t.Errorf("an offer of %d bytes was sealed: %v", len(sealed.Wire), err)
	}
	if wire, err := offer.SealRekey(s, memberJID, key[:], 1, &callOptions, -1); status.Of(err) != status.Store || wire != nil {
		t.Errorf("an enc_rekey of %d bytes was sealed: %v", len(wire), err)
	}
	if c, _, err := offer.SealMessage(s, memberJID, key[:], -1); status.Of(err) != status.Store || c != nil {
		t.Errorf("a message of %d bytes was sealed: %v", len(c), err)
	}
	jids := []string{memberJID, "333:3@lid"}
	if b, err := offer.SealMessages(s, jids, [][]byte{key[:], nil}, -1); status.Of(err) != status.Store || b.Bytes != nil || b.Statuses != nil {
		t.Errorf("a batch of %d bytes was sealed: %v", len(b.Bytes), err)
	}
	if b, err := offer.SealRekeys(s, jids, key[:], 1, &callOptions, -1); status.Of(err) != status.Store || b.Bytes != nil || b.Statuses != nil {
		t.Errorf("%d bytes of enc_rekeys were sealed: %v", len(b.Bytes), err)
	}
	bundle, err := signal.TakeBundle(peer)
	if err != nil {
		t.Fatal(err)
	}
	if codes, err := offer.BeginAll(s, jids[:1], []*session.Bundle{&bundle}); status.Of(err) != status.Store || codes != nil {
		t.Errorf("sessions were begun: %v, %v", codes, err)
	}
	if sealed, err := offer.Begin(s, key[:], jids[:1], []*session.Bundle{&bundle}, &callOptions, -1); status.Of(err) != status.Store || sealed.Wire != nil {
		t.Errorf("an offer of %d bytes was begun: %v", len(sealed.Wire), err)
	}
	// Nor a plaintext.
	allow()
	m := written(t, peer, callerJID, []byte("a message"))
	refuse()
	m.refused(t, s, memberJID, status.Store)
	allow()
	m.opens(t, s, memberJID)
}
