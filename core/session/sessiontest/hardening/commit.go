package hardening

import (
	"bytes"
	"errors"
	"fmt"
	"libcallkey/core/session"
	"libcallkey/core/session/sessiontest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.mau.fi/libsignal/keys/identity"
	"go.mau.fi/libsignal/signalerror"
	"go.mau.fi/libsignal/util/keyhelper"

	"libcallkey/core/curve"
	"libcallkey/core/status"
)

// ForgedPrekeyMessagePlantsAnIdentity: the library trusts an identity that nothing authenticated.
func ForgedPrekeyMessagePlantsAnIdentity(t *testing.T, d Device) {
	v := NewVictims(t, d, false)
	own, _ := d.New(t).Own(t)
	typed := curve.Typed(&own)
	plant := func(f *sessiontest.Forgery) { f.Identity, f.SpoilMAC = typed[:], true }
	v.Theirs.Open(v.againstTheirs(t, sessiontest.Padded("x"), plant))
	if _, err := v.Theirs.Open(seal(t, v.AgainstTheirs, "honest")); !errors.Is(err, signalerror.ErrUntrustedIdentity) {
		t.Errorf("the library no longer saves an identity that nothing authenticated: %v", err)
	}
	Refuses(t, v.Ours, v.against(t, sessiontest.Padded("x"), plant), status.Authentication)
	Opened(t, "honest")(v.Ours.Open(seal(t, v.AgainstOurs, "honest")))
}

// SwappedIdentityOnAKnownSession: the library trusts an identity that a server wrote over the true one.
func SwappedIdentityOnAKnownSession(t *testing.T, d Device) {
	v := NewVictims(t, d, false)
	Opened(t, "1")(v.Theirs.Open(seal(t, v.AgainstTheirs, "1")))
	Opened(t, "1")(v.Ours.Open(seal(t, v.AgainstOurs, "1")))
	var private, public [32]byte
	curve.Generate(&private, &public)
	typed := curve.Typed(&public)
	swap := func(f *sessiontest.Forgery) { f.Identity = typed[:] }
	clear(v.Theirs.identities) // an app that accepts changed identities, as apps do
	Opened(t, "x")(v.Theirs.Open(v.againstTheirs(t, sessiontest.Padded("x"), swap)))
	var saved *identity.Key
	for _, saved = range v.Theirs.identities {
	}
	if saved.PublicKey().PublicKey() != public {
		t.Error("the library no longer saves the swapped identity")
	}
	swapped := v.against(t, sessiontest.Padded("x"), swap)
	Refuses(t, v.Ours, swapped, status.UntrustedIdentity)
	if err := v.Ours.Trust(&public); err != nil {
		t.Fatal(err)
	}
	Refuses(t, v.Ours, swapped, status.Authentication, status.NoPrekey)
}

// PrekeyZeroAndHalfACommit: a process that ends at the wrong time leaves the library a prekey that serves twice.
func PrekeyZeroAndHalfACommit(t *testing.T, d Device) {
	crash := errors.New("crash before the commit")
	// The library writes session and prekey apart: a crash between the two leaves a prekey
	// that serves another handshake.
	v := NewVictims(t, d, false)
	v.Theirs.crashed = crash
	if _, err := v.Theirs.Open(seal(t, v.AgainstTheirs, "1")); err != crash || len(v.Theirs.stored) != 1 {
		t.Errorf("the library now removes the prekey first, or with the session: %v", err)
	}
	v.Theirs.crashed = nil
	again := v.Theirs.Bundle()
	MustBegin(t, v.AgainstTheirs, &again)
	if text, err := v.Theirs.Open(seal(t, v.AgainstTheirs, "2")); err != nil || text != "2" {
		t.Errorf("the library now refuses a prekey that it had used: %v", err)
	}
	// Ours gives all of it to one commit: without the commit nothing happened.
	message := seal(t, v.AgainstOurs, "1")
	before := v.Ours.Dump(t)
	v.Ours.OpenAndDie(t, message)
	if !bytes.Equal(before, v.Ours.Dump(t)) {
		t.Fatal("half a commit")
	}
	Opened(t, "1")(v.Ours.Open(message))
	Refuses(t, v.Ours, message, status.Duplicate)
	made, err := d.New(t).AddPrekeys(3)
	if err != nil || made[0] == 0 {
		t.Fatalf("a prekey numbered 0, which means none: %v", err)
	}
	thief := d.New(t)
	stolen := Record(t, v.AgainstOurs).Current.Pending
	bundle := v.Ours.Bundle(t)
	bundle.PrekeyID, bundle.Prekey = stolen.PrekeyID, bundle.SignedPrekey
	MustBegin(t, thief, &bundle)
	Refuses(t, v.Ours.At("another:9"), seal(t, thief, "with a used prekey"), status.NoPrekey)
}

// OneCounterTwice: two goroutines of the library seal two messages under one key and IV.
func OneCounterTwice(t *testing.T, d Device) {
	v := NewVictims(t, d, true)
	seen := sync.Map{}
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for range 50 {
				c, err := v.Ours.Seal([]byte("x"))
				if err != nil {
					t.Error(err)
					return
				}
				m := sessiontest.ParseMessage(t, c.Prekey, c.Bytes)
				if _, twice := seen.LoadOrStore(fmt.Sprint(m.Ratchet, m.Counter), true); twice {
					t.Errorf("counter %d was used twice: two messages share key and IV", m.Counter)
				}
			}
		})
	}
	group.Wait()
	// The library has no lock: another goroutine's Encrypt that comes between its load and
	// its store finds the same chain.
	var second session.Ciphertext
	v.Theirs.storing = func() { second = Sealed(t)(v.Theirs.Seal("second")) }
	first := Sealed(t)(v.Theirs.Seal("first"))
	a, b := sessiontest.ParseMessage(t, first.Prekey, first.Bytes), sessiontest.ParseMessage(t, second.Prekey, second.Bytes)
	if a.Ratchet != b.Ratchet || a.Counter != b.Counter {
		t.Error("the library now gives two goroutines two counters")
	}
}

// TrustIsCheckedTooLate: the library moves the chain for a device that it then refuses to seal for.
func TrustIsCheckedTooLate(t *testing.T, d Device) {
	v := newVictimsWith(t, d, sharing(t), true)
	var private, public [32]byte
	curve.Generate(&private, &public)
	other, err := keyhelper.GenerateIdentityKeyPair()
	if err != nil {
		t.Fatal(err)
	}
	state := v.Theirs.sessions[v.Theirs.peer.String()].SessionState()
	before := state.SenderChainKey().Index()
	v.Theirs.SaveIdentity(t.Context(), v.Theirs.peer, other.PublicKey())
	if _, err := v.Theirs.Seal("x"); !errors.Is(err, signalerror.ErrUntrustedIdentity) || state.SenderChainKey().Index() == before {
		t.Errorf("the library now checks trust before it moves the chain: %v", err)
	}
	incoming := seal(t, v.AgainstOurs, "x")
	if err := v.Ours.Trust(&public); err != nil {
		t.Fatal(err)
	}
	dump := v.Ours.Dump(t)
	if _, err := v.Ours.Seal([]byte("x")); status.Of(err) != status.UntrustedIdentity {
		t.Fatalf("sealed for an identity that is not trusted: %v", err)
	}
	if !bytes.Equal(dump, v.Ours.Dump(t)) {
		t.Fatal("a refused seal moved the chain")
	}
	Refuses(t, v.Ours, incoming, status.UntrustedIdentity)
}

// SessionThatNobodyAnswers: the library seals on a session that can never be answered.
func SessionThatNobodyAnswers(t *testing.T, d Device) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs, peer := d.New(t), NewTheirs(t), d.New(t)
		bundle := peer.Bundle(t)
		if err := errors.Join(ours.Begin(&bundle), theirs.Begin(&bundle)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30*24*time.Hour - time.Hour)
		seal(t, ours, "still fine")
		time.Sleep(2 * time.Hour)
		if c, err := theirs.Seal("too old"); err != nil || !c.Prekey {
			t.Errorf("the library no longer seals on a session that nobody answered for 30 days: %v", err)
		}
		before := ours.Dump(t)
		if _, err := ours.Seal([]byte("too old")); status.Of(err) != status.NoSession {
			t.Fatalf("sealed on a session that nobody answered for 30 days: %v", err)
		}
		if err := ours.CanSeal(); status.Of(err) != status.NoSession {
			t.Fatal(err)
		}
		if !bytes.Equal(before, ours.Dump(t)) {
			t.Fatal("a refused seal changed the session")
		}
	})
}
