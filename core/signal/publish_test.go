package signal_test

import (
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// published is the bundle that a server makes of what p published.
func (p *peer) published(t testing.TB, one signal.Prekey) session.Bundle {
	t.Helper()
	b := p.bundle(t, false)
	b.PrekeyID, b.Prekey = one.ID, one.PublicKey
	return b
}

// uses has a new device open a session with the bundle and p open its first message.
func (p *peer) uses(t testing.TB, b session.Bundle, name string) {
	t.Helper()
	from := newPeer(t, signal.Address{Name: name, Device: 1})
	if err := signal.Begin(from.store, p.address, &b); err != nil {
		t.Fatal(err)
	}
	p.mustOpen(t, from, from.seal(t, p, "first"), "first")
}

func (p *peer) add(t testing.TB, n int) (made []signal.Prekey, ids []uint32) {
	t.Helper()
	made, err := signal.AddPrekeys(p.store, n)
	if err != nil || len(made) != n {
		t.Fatalf("%d prekeys: %v", len(made), err)
	}
	for _, one := range made {
		ids = append(ids, one.ID)
	}
	return made, ids
}

func (p *peer) publish(t testing.TB, ids ...uint32) {
	t.Helper()
	if err := signal.Publish(p.store, ids); err != nil {
		t.Fatal(err)
	}
}

func (p *peer) mustHave(t testing.TB, left int, unpublished ...signal.Prekey) {
	t.Helper()
	n, err := signal.PrekeysLeft(p.store)
	if err != nil || n != left {
		t.Fatalf("%d prekeys are left (%v), want %d", n, err, left)
	}
	for _, room := range []int{1000, len(unpublished)} {
		made, err := signal.Unpublished(p.store, room)
		if err != nil || !slices.Equal(made, unpublished) {
			t.Fatalf("unpublished are %v (%v), want %v", made, err, unpublished)
		}
	}
	if len(unpublished) > 0 {
		made, err := signal.Unpublished(p.store, len(unpublished)-1)
		var small *status.BufferError
		if !errors.As(err, &small) || small.Need != len(unpublished) || made != nil {
			t.Fatalf("with too little room unpublished are %v (%v)", made, err)
		}
	}
}

// Row 29: what the app published must not be handed out in a bundle too, or two peers use
// one prekey, and the second one's call never arrives.
func TestFault29_OnePrekeyInTwoHands(t *testing.T) {
	p := newPeer(t, alice)
	made, ids := p.add(t, 3)
	seen := map[uint32]bool{}
	for _, id := range ids {
		seen[id] = true
	}
	var bundles []session.Bundle
	for range 5 {
		b := p.bundle(t, true)
		if seen[b.PrekeyID] {
			t.Fatalf("prekey %d is in two hands", b.PrekeyID)
		}
		seen[b.PrekeyID] = true
		bundles = append(bundles, b)
	}
	more, _ := p.add(t, 3)
	for _, one := range more {
		if seen[one.ID] {
			t.Fatalf("prekey %d of a bundle is to be published", one.ID)
		}
	}
	for i, one := range made {
		p.uses(t, p.published(t, one), string(rune('a'+i)))
	}
	for i, b := range bundles {
		p.uses(t, b, string(rune('k'+i)))
	}
}

// Row 29, with threads: each bundle and each list has different prekeys.
func TestFault29_ThreadsGetDifferentPrekeys(t *testing.T) {
	p := newPeer(t, alice)
	var mu sync.Mutex
	seen := map[uint32]bool{}
	take := func(id uint32) {
		mu.Lock()
		defer mu.Unlock()
		if seen[id] {
			t.Errorf("prekey %d is in two hands", id)
		}
		seen[id] = true
	}
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for range 20 {
				if i%2 == 0 {
					b, err := signal.TakeBundle(p.store)
					if err != nil {
						t.Error(err)
					}
					take(b.PrekeyID)
					continue
				}
				made, err := signal.AddPrekeys(p.store, 2)
				if err != nil {
					t.Error(err)
				}
				for _, one := range made {
					take(one.ID)
				}
			}
		})
	}
	group.Wait()
	if len(seen) != 4*20+4*20*2 {
		t.Errorf("%d prekeys", len(seen))
	}
}

// Row 29: an app that dies between making prekeys and uploading them, or between uploading
// and noting it, must find out what is left to do.
func TestFault29_CrashBetweenMakingAndUploading(t *testing.T) {
	path, key := filepath.Join(t.TempDir(), "store"), make([]byte, store.StorageKeyBytes)
	p := &peer{address: alice}
	crash := func() {
		t.Helper()
		if p.store != nil {
			p.store.Close()
		}
		var err error
		if p.store, err = signal.OpenStore(path, key, store.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	crash()
	defer func() { p.store.Close() }()
	p.mustHave(t, 0)
	made, ids := p.add(t, 5)
	crash()
	p.mustHave(t, 0, made...)
	p.publish(t, ids[0], ids[1])
	crash()
	p.mustHave(t, 2, made[2:]...)
	p.publish(t, ids[1], ids[0], ids[1]) // once more
	p.mustHave(t, 2, made[2:]...)

	// A peer uses one that was noted, and one that was uploaded before the crash.
	p.uses(t, p.published(t, made[0]), "one")
	p.mustHave(t, 1, made[2:]...)
	p.uses(t, p.published(t, made[3]), "two")
	p.mustHave(t, 1, made[2], made[4])
	p.publish(t, ids...)
	p.mustHave(t, 3)
	p.uses(t, p.published(t, made[4]), "three")
	p.mustHave(t, 2)
	p.publish(t, ids...) // a used one is fine, also when its number was forgotten
	more, _ := p.add(t, 1)
	p.publish(t, ids...)
	p.mustHave(t, 2, more...)

	// A bundle's are neither.
	p.bundle(t, true)
	p.mustHave(t, 2, more...)
}

// Of an old copy nobody knows which prekeys were uploaded, or used, since it was made: none
// is uploaded again.
func TestRestoredCopyPublishesNothingTwice(t *testing.T) {
	dir, key := t.TempDir(), make([]byte, store.StorageKeyBytes)
	path, copied := filepath.Join(dir, "store"), filepath.Join(dir, "copy")
	s, err := signal.OpenStore(path, key, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	p := &peer{s, alice}
	made, ids := p.add(t, 3)
	p.publish(t, ids[0])
	if err := s.Copy(copied); err != nil {
		t.Fatal(err)
	}
	p.publish(t, ids...)
	restored, err := signal.OpenStore(copied, key, store.Options{Restored: true})
	if err != nil {
		t.Fatal(err)
	}
	defer restored.Close()
	copyOf := &peer{restored, alice}
	copyOf.mustHave(t, 3)
	copyOf.uses(t, copyOf.published(t, made[2]), "peer")
	copyOf.mustHave(t, 2)
}

// Of a list with one wrong number none must count as published, or the app never uploads it.
func TestPublishNotesAllOrNothing(t *testing.T) {
	p := newPeer(t, alice)
	made, ids := p.add(t, 2)
	inBundle := p.bundle(t, true).PrekeyID
	for id, want := range map[uint32]status.Code{
		0: status.Argument, 1 << 24: status.Argument, 1<<32 - 1: status.Argument,
		1<<24 - 1: status.NotFound, inBundle + 1: status.NotFound, inBundle: status.NotFound,
	} {
		for _, list := range [][]uint32{{id}, {ids[0], id}, {id, ids[1]}} {
			if err := signal.Publish(p.store, list); status.Of(err) != want {
				t.Errorf("%v: %v, want %s", list, err, want.Name())
			}
			p.mustHave(t, 0, made...)
		}
	}
	p.publish(t)
	p.mustHave(t, 0, made...)
}

// Prekeys that were published where the account comes from are left until they are used.
func TestImportedPrekeysAreLeft(t *testing.T) {
	p := newPeer(t, alice)
	private := [32]byte{3: 9}
	for range 2 {
		if err := signal.ImportPrekey(p.store, 1<<24-1, &private); err != nil {
			t.Fatal(err)
		}
		p.mustHave(t, 1)
	}
	p.publish(t, 1<<24-1)
	p.mustHave(t, 1)
	// The prekeys of a store without an identity are not published yet; they still work.
	s, err := signal.OpenStoreWithoutIdentity("", nil, store.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := signal.ImportPrekey(s, 5, &private); err != nil {
		t.Fatal(err)
	}
	for what, call := range map[string]func() error{
		"left":          func() error { _, err := signal.PrekeysLeft(s); return err },
		"unpublished":   func() error { _, err := signal.Unpublished(s, 5); return err },
		"publish":       func() error { return signal.Publish(s, []uint32{1}) },
		"signed prekey": func() error { _, _, err := signal.SignedPrekeyInUse(s); return err },
		"bundle":        func() error { _, err := signal.TakeBundle(s); return err },
	} {
		if err := call(); status.Of(err) != status.NoIdentity {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// An app that starts must learn which signed prekey its server should have, and since when.
func TestSignedPrekeyInUse(t *testing.T) {
	p := newPeer(t, alice)
	none, since, err := signal.SignedPrekeyInUse(p.store)
	if status.Of(err) != status.NotFound || none != (signal.SignedPrekey{}) || since != 0 {
		t.Fatalf("before any was made: %v", err)
	}
	inUse := func() signal.SignedPrekey {
		t.Helper()
		one, since, err := signal.SignedPrekeyInUse(p.store)
		if err != nil || since < 1_700_000_000 {
			t.Fatalf("in use since %d: %v", since, err)
		}
		b := p.bundle(t, true)
		if b.SignedPrekeyID != one.ID || b.SignedPrekey != one.PublicKey {
			t.Fatalf("bundles have signed prekey %d, in use is %d", b.SignedPrekeyID, one.ID)
		}
		b.Signature = one.Signature
		p.uses(t, b, string(rune('a'+one.ID%16)))
		return one
	}
	made, err := signal.RotateSignedPrekey(p.store)
	if err != nil {
		t.Fatal(err)
	}
	if one := inUse(); one.ID != made.ID || one.PublicKey != made.PublicKey {
		t.Fatalf("in use is %d, made was %d", one.ID, made.ID)
	}
	private := [32]byte{7: 1}
	if err := signal.ImportSignedPrekey(p.store, 77, &private); err != nil {
		t.Fatal(err)
	}
	if one := inUse(); one.ID != 77 {
		t.Fatalf("in use is %d, imported was 77", one.ID)
	}
}

// A query at every start of an app must not take seconds with many prekeys.
func BenchmarkPrekeysLeft(b *testing.B) {
	benchmarkStock(b, func(s *store.Store) error { _, err := signal.PrekeysLeft(s); return err })
}

func BenchmarkAddOnePrekey(b *testing.B) {
	benchmarkStock(b, func(s *store.Store) error { _, err := signal.AddPrekeys(s, 1); return err })
}

func BenchmarkTakeBundle(b *testing.B) {
	benchmarkStock(b, func(s *store.Store) error { _, err := signal.TakeBundle(s); return err })
}

// benchmarkStock is for calls on a file store with 10,000 published prekeys.
func benchmarkStock(b *testing.B, work func(s *store.Store) error) {
	s, err := signal.OpenStore(filepath.Join(b.TempDir(), "store"), make([]byte, store.StorageKeyBytes), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	p := &peer{s, alice}
	_, ids := p.add(b, 10_000)
	p.publish(b, ids...)
	for b.Loop() {
		if err := work(s); err != nil {
			b.Fatal(err)
		}
	}
}
