package offer_test

import (
	"path/filepath"
	"sync"
	"testing"

	"libcallkey/core/signal"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Fault 47: an app that was killed between our commit and its own lost the key for good, since the
// message is DUPLICATE when the server delivers it again. Kept until it is done, it opens again.
func TestFault47KilledBeforeItsOwnCommit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	options := store.Options{KeepOpened: true}
	open := func() *store.Store {
		t.Helper()
		s, err := signal.OpenStore(path, storageKey, options)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	peer, stranger := openStore(t, false), openStore(t, false)
	const me, other, third = callerJID, "222222222222222:0@lid", "333:0@lid"
	begin(t, peer, s, me)
	begin(t, stranger, s, me)
	first, second := sealed(t, peer, me), sealed(t, peer, me)
	theirs := sealed(t, stranger, me)
	first.opens(t, s, other)
	theirs.opens(t, s, third)
	s.Close() // and here the app dies
	s = open()
	for range 3 {
		first.opens(t, s, other)
	}
	second.opens(t, s, other)
	first.opens(t, s, other)
	theirs.opens(t, s, third)
	first.refused(t, s, "444:0@lid", status.NoPrekey) // kept for its sender alone
	sealed(t, s, other).opens(t, peer, me)            // no ratchet moved meanwhile

	if err := signal.Done(s, addressOf(t, other), first.ciphertext); err != nil {
		t.Fatal(err)
	}
	first.refused(t, s, other, status.Duplicate)
	second.opens(t, s, other)
	for _, jid := range []string{other, third, "444:0@lid"} { // not kept (any more): fine
		if err := signal.Done(s, addressOf(t, jid), first.ciphertext); err != nil {
			t.Fatal(err)
		}
	}
	// Done for another sender is not done.
	if err := signal.Done(s, addressOf(t, third), second.ciphertext); err != nil {
		t.Fatal(err)
	}
	second.opens(t, s, other)
	s.Close()

	// Without the flag a kept message is not given out, and stays.
	options.KeepOpened = false
	s = open()
	second.refused(t, s, other, status.Duplicate)
	s.Close()
	options.KeepOpened = true
	s = open()
	second.opens(t, s, other)
	// An alias may come between.
	if err := signal.Alias(s, addressOf(t, other), addressOf(t, "1555@s.whatsapp.net")); err != nil {
		t.Fatal(err)
	}
	second.opens(t, s, "1555@s.whatsapp.net")
	second.opens(t, s, other)
	if err := signal.Done(s, addressOf(t, "1555@s.whatsapp.net"), second.ciphertext); err != nil {
		t.Fatal(err)
	}
	second.refused(t, s, other, status.Duplicate)
	s.Close()
}

// A rejected message is not kept, and a kept message does not make a forged one pass.
func TestKeptMessagesAreGenuine(t *testing.T) {
	s, err := signal.OpenStore("", nil, store.Options{Memory: true, KeepOpened: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	peer := openStore(t, false)
	const me, other = callerJID, "222222222222222:0@lid"
	begin(t, peer, s, me)
	m := sealed(t, peer, me)
	m.ciphertext[len(m.ciphertext)-12] ^= 1
	for range 2 {
		m.refused(t, s, other, status.Authentication)
	}
	m.ciphertext[len(m.ciphertext)-12] ^= 1
	m.opens(t, s, other)
	m.ciphertext[len(m.ciphertext)-12] ^= 1
	m.refused(t, s, other, status.Duplicate)
}

// The kept are bounded: the oldest is dropped, the newest never.
func TestKeptMessagesAreBounded(t *testing.T) {
	s, err := signal.OpenStore("", nil, store.Options{Memory: true, KeepOpened: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	peer := openStore(t, false)
	const me, other = callerJID, "222222222222222:0@lid"
	begin(t, peer, s, me)
	var all []sealedKey
	for range signal.MaxKept + 3 {
		all = append(all, sealed(t, peer, me))
		all[len(all)-1].opens(t, s, other)
	}
	for _, m := range all[:3] {
		m.refused(t, s, other, status.Duplicate)
	}
	for _, m := range all[3:] {
		m.opens(t, s, other)
	}
}

// Many threads that open, open again and finish: each message opens as long as it is not done.
func TestKeptMessagesAndThreads(t *testing.T) {
	s, err := signal.OpenStore(filepath.Join(t.TempDir(), "store"), storageKey, store.Options{KeepOpened: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const me = callerJID
	var group sync.WaitGroup
	for _, other := range []string{"221:0@lid", "222:0@lid", "223:0@lid", "224:0@lid"} {
		peer := openStore(t, false)
		begin(t, peer, s, me)
		messages := make([]sealedKey, 15)
		for i := range messages {
			messages[i] = sealed(t, peer, me)
		}
		group.Go(func() {
			for _, m := range messages {
				m.opens(t, s, other)
				m.opens(t, s, other)
				if err := signal.Done(s, addressOf(t, other), m.ciphertext); err != nil {
					t.Error(err)
				}
				m.refused(t, s, other, status.Duplicate)
			}
		})
	}
	group.Wait()
}
