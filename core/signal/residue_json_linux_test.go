// The race detector has a shadow of the memory that is too large to search.
//go:build !race && !without_libsignal

package signal

import (
	"libcallkey/core/secret"
	"libcallkey/core/session/sessiontest"
	"path/filepath"
	"testing"

	"libcallkey/core/curve"
	"libcallkey/core/secret/secrettest"
	"libcallkey/core/store"
)

// What is read once, from another client's record or from an old copy of the store, leaves no more
// than what is used every day.
func TestNothingIsLeftOfOtherRecords(t *testing.T) {
	s := secrettest.NewSearch(t)
	if s == nil {
		return
	}
	path := filepath.Join(t.TempDir(), "store")
	key := secrettest.Random(store.StorageKeyBytes)
	file, err := OpenStore(path, key, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := newOurs(t)
	a := &ours{file, b.peer}
	bundle := b.bundle(t)
	if err := Begin(a.store, a.peer, &bundle); err != nil {
		t.Fatal(err)
	}
	passes(t, a, b)
	for range 3 {
		if _, err := b.seal("stays away"); err != nil {
			t.Fatal(err)
		}
		passes(t, b, a)
		passes(t, a, b)
	}
	bundle = b.bundle(t)
	if err := Begin(a.store, a.peer, &bundle); err != nil {
		t.Fatal(err)
	}
	a.told(t, s)
	encoded, err := Export(a.store, a.peer)
	if err != nil {
		t.Fatal(err)
	}
	var text []byte
	secret.Do(func() {
		r := sessiontest.Parse(t, encoded)
		text = r.JSON(t)
		r.Wipe()
	})
	// One that is damaged at its end, when all of it was read.
	damaged := append([]byte(nil), text...)
	damaged[len(damaged)-3] = 'x'
	if err := Import(b.store, Address{"other", 1}, damaged); err == nil {
		t.Error("a damaged record was imported")
	}
	if err := Import(b.store, Address{"other", 1}, text); err != nil {
		t.Error(err)
	}
	if err := Import(b.store, Address{"other", 1}, encoded); err != nil {
		t.Error(err)
	}
	clear(encoded)
	clear(text)
	clear(damaged)

	copied := path + "-copy"
	if err := a.store.Copy(copied); err != nil {
		t.Fatal(err)
	}
	old, err := OpenStore(copied, key, store.Options{Restored: true})
	if err != nil {
		t.Fatal(err)
	}
	clear(key)
	stale, err := Export(old, a.peer)
	if err != nil {
		t.Fatal(err)
	}
	clear(stale)
	if _, err := (&ours{old, a.peer}).seal("no"); err == nil {
		t.Error("an old copy seals")
	}
	// A number that another prekey has is passed over.
	prekey := secrettest.Random(32)
	curve.Clamp((*[32]byte)(prekey))
	s.For("an imported prekey", prekey)
	if err := ImportPrekey(b.store, 3, (*[32]byte)(prekey)); err != nil {
		t.Fatal(err)
	}
	clear(prekey)
	if _, err := AddPrekeys(b.store, 4); err != nil {
		t.Fatal(err)
	}
	b.told(t, s)
	for _, one := range []*store.Store{a.store, b.store, old} {
		one.Close()
	}
	if left := s.Left(); left != nil {
		t.Errorf("left are %q", left)
	}
}
