package offer_test

import (
	"path/filepath"
	"testing"

	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// An old copy of a store that is put to use again would seal with keys that the original used since.
// Opened as what it is, it seals nothing until the session is begun anew, opens what comes, and
// never uses a counter twice.
func TestRestoredCopyUsesNoCounterTwice(t *testing.T) {
	dir := t.TempDir()
	path, copied := filepath.Join(dir, "store"), filepath.Join(dir, "copy")
	s, err := signal.OpenStore(path, storageKey, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	peer := openStore(t, false)
	const me, other = callerJID, "222222222222222:0@lid"
	begin(t, s, peer, other)
	acknowledge(t, s, peer, other)
	late := sealed(t, peer, me) // under way while the copy is made
	if err := s.Copy(copied); err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	seal := func(s *store.Store) (c sealedKey) {
		c = sealed(t, s, other)
		name := keyName(t, c.kind == stanza.EncPkmsg, c.ciphertext)
		if used[name] {
			t.Fatal("a message key was used twice")
		}
		used[name] = true
		return c
	}
	for range 5 {
		seal(s).opens(t, peer, me)
	}
	restored, err := signal.OpenStore(copied, storageKey, store.Options{Restored: true})
	if err != nil {
		t.Fatal(err)
	}
	refused := func(when string) {
		t.Helper()
		key := newKey(t)
		if _, _, err := offer.SealEnc(restored, other, key[:], -1); status.Of(err) != status.NoSession {
			t.Fatalf("%s: sealed: %v", when, err)
		}
		wantStatus(t, signal.Check(restored, addressOf(t, other)), status.NoSession)
	}
	refused("at once")
	late.opens(t, restored, other)
	refused("after a message was opened")
	// The flag is for one opening; its effect stays.
	restored.Close()
	if restored, err = signal.OpenStore(copied, storageKey, store.Options{}); err != nil {
		t.Fatal(err)
	}
	defer func() { restored.Close() }()
	refused("opened again without the flag")
	// A record that is exported and imported again stays stale.
	record := export(t, restored, other)
	if err := signal.Import(restored, addressOf(t, other), record); err != nil {
		t.Fatal(err)
	}
	refused("exported and imported")
	begin(t, restored, peer, other)
	seal(restored).opens(t, peer, me)
	// Messages that the peer sealed in the old session still open, and the new one works.
	sealedBefore := sealed(t, peer, me)
	sealedBefore.opens(t, restored, other)
	seal(restored).opens(t, peer, me)
	// A first message from the peer begins a session that seals.
	begin(t, peer, restored, me)
	sealed(t, peer, me).opens(t, restored, other)
	seal(restored).opens(t, peer, me)
}

// A late message of the old copy's session that arrives after the session was begun anew must
// not put the stale one back in its place.
func TestStaleSessionStaysBehind(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "store")
	s, err := signal.OpenStore(path, storageKey, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	peer := openStore(t, false)
	const me, other = callerJID, "222222222222222:0@lid"
	begin(t, s, peer, other)
	acknowledge(t, s, peer, other)
	late := []sealedKey{sealed(t, peer, me), sealed(t, peer, me)}
	s.Close()
	if s, err = signal.OpenStore(path, storageKey, store.Options{Restored: true}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	begin(t, s, peer, other)
	for _, m := range late {
		m.opens(t, s, other)
		sealed(t, s, other).opens(t, peer, me)
		var key [callkey.Bytes]byte
		wantStatus(t, offer.OpenEnc(s, &key, other, m.kind, 2, m.ciphertext), status.Duplicate)
	}
}

// The prekeys of an old copy must not get numbers under which others were published since.
func TestRestoredCopyPassesNumbers(t *testing.T) {
	dir := t.TempDir()
	path, copied := filepath.Join(dir, "store"), filepath.Join(dir, "copy")
	s, err := signal.OpenStore(path, storageKey, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Copy(copied); err != nil {
		t.Fatal(err)
	}
	taken := map[uint32]bool{}
	since, err := signal.AddPrekeys(s, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range since {
		taken[p.ID] = true
	}
	signedSince, err := signal.RotateSignedPrekey(s)
	if err != nil {
		t.Fatal(err)
	}
	restored, err := signal.OpenStore(copied, storageKey, store.Options{Restored: true})
	if err != nil {
		t.Fatal(err)
	}
	defer restored.Close()
	made, err := signal.AddPrekeys(restored, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range made {
		if taken[p.ID] {
			t.Fatalf("prekey number %d is two keys", p.ID)
		}
	}
	if signed, err := signal.RotateSignedPrekey(restored); err != nil || signed.ID == signedSince.ID {
		t.Fatalf("signed prekey number %d is two keys, %v", signed.ID, err)
	}
}

// sealedKey is a key on its way.
type sealedKey struct {
	key        [callkey.Bytes]byte
	kind       stanza.EncType
	ciphertext []byte
}

// sealed seals a new key for a device.
func sealed(t testing.TB, s *store.Store, jid string) (c sealedKey) {
	t.Helper()
	c.key = newKey(t)
	var err error
	if c.ciphertext, c.kind, err = offer.SealEnc(s, jid, c.key[:], -1); err != nil {
		t.Fatal(err)
	}
	return c
}

// opens expects that the key comes out at a store, as one from jid.
func (c sealedKey) opens(t testing.TB, s *store.Store, jid string) {
	t.Helper()
	var key [callkey.Bytes]byte
	if err := offer.OpenEnc(s, &key, jid, c.kind, 2, c.ciphertext); err != nil || key != c.key {
		t.Fatalf("does not open: %v", err)
	}
}

func (c sealedKey) refused(t testing.TB, s *store.Store, jid string, want status.Code) {
	t.Helper()
	var key [callkey.Bytes]byte
	wantStatus(t, offer.OpenEnc(s, &key, jid, c.kind, 2, c.ciphertext), want)
	if key != [callkey.Bytes]byte{} {
		t.Fatal("a refused message gave a key")
	}
}
