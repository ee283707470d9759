package signal

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
	"libcallkey/core/store"
)

func TestFault07_ForgedPrekeyMessagePlantsAnIdentity(t *testing.T) {
	v := newVictims(t, false)
	mallory := newOurs(t)
	own, err := OwnIdentity(mallory.store)
	if err != nil {
		t.Fatal(err)
	}
	typed := curve.Typed(&own.PublicKey)
	plant := func(f *sessiontest.Forgery) { f.Identity, f.SpoilMAC = typed[:], true }
	v.theirs.open(forge(t, v.againstTheir, sessiontest.Padded("x"), plant))
	if _, err := v.theirs.open(sealed(t)(v.againstTheir.seal("honest"))); !errors.Is(err, signalerror.ErrUntrustedIdentity) {
		t.Errorf("the library no longer saves an identity that nothing authenticated: %v", err)
	}
	v.ours.refuses(t, forge(t, v.againstOurs, sessiontest.Padded("x"), plant), status.Authentication)
	opened(t, "honest")(v.ours.open(sealed(t)(v.againstOurs.seal("honest"))))
}

func TestFault08_SwappedIdentityOnAKnownSession(t *testing.T) {
	v := newVictims(t, false)
	opened(t, "1")(v.theirs.open(sealed(t)(v.againstTheir.seal("1"))))
	opened(t, "1")(v.ours.open(sealed(t)(v.againstOurs.seal("1"))))
	var private, public [32]byte
	curve.Generate(&private, &public)
	typed := curve.Typed(&public)
	swap := func(f *sessiontest.Forgery) { f.Identity = typed[:] }
	clear(v.theirs.identities) // an app that accepts changed identities, as apps do
	opened(t, "x")(v.theirs.open(forge(t, v.againstTheir, sessiontest.Padded("x"), swap)))
	var saved *identity.Key
	for _, saved = range v.theirs.identities {
	}
	if saved.PublicKey().PublicKey() != public {
		t.Error("the library no longer saves the swapped identity")
	}
	swapped := forge(t, v.againstOurs, sessiontest.Padded("x"), swap)
	v.ours.refuses(t, swapped, status.UntrustedIdentity)
	if err := Trust(v.ours.store, v.ours.peer, &public); err != nil {
		t.Fatal(err)
	}
	v.ours.refuses(t, swapped, status.Authentication, status.NoPrekey)
}

func TestFault14_PrekeyZeroAndHalfACommit(t *testing.T) {
	crash := errors.New("crash before the commit")
	// The library writes session and prekey apart: a crash between the two leaves a prekey
	// that serves another handshake.
	v := newVictims(t, false)
	v.theirs.crashed = crash
	if _, err := v.theirs.open(sealed(t)(v.againstTheir.seal("1"))); err != crash || len(v.theirs.stored) != 1 {
		t.Errorf("the library now removes the prekey first, or with the session: %v", err)
	}
	v.theirs.crashed = nil
	again := v.theirs.bundle()
	if err := Begin(v.againstTheir.store, v.againstTheir.peer, &again); err != nil {
		t.Fatal(err)
	}
	if text, err := v.theirs.open(sealed(t)(v.againstTheir.seal("2"))); err != nil || text != "2" {
		t.Errorf("the library now refuses a prekey that it had used: %v", err)
	}
	// Ours stages all of it for one commit: if the commit fails, nothing happened.
	message := sealed(t)(v.againstOurs.seal("1"))
	before := v.ours.dump(t)
	in, err := Parse(true, message.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	err = Within(v.ours.store, []Address{v.ours.peer}, in.Locks(v.ours.store), func(tx *store.Tx, devices []Device) error {
		if _, err := in.Decrypt(tx, devices[0]); err != nil {
			t.Fatal(err)
		}
		return crash
	})
	if err != crash || !bytes.Equal(before, v.ours.dump(t)) {
		t.Fatalf("half a commit: %v", err)
	}
	opened(t, "1")(v.ours.open(message))
	v.ours.refuses(t, message, status.Duplicate)
	made, err := AddPrekeys(newOurs(t).store, 3)
	if err != nil || made[0].ID == 0 {
		t.Fatalf("a prekey numbered 0, which means none: %v", err)
	}
	thief := newOurs(t)
	stolen := v.againstOurs.record(t).Current.Pending
	bundle := v.ours.bundle(t)
	bundle.PrekeyID, bundle.Prekey = stolen.PrekeyID, bundle.SignedPrekey
	if err := Begin(thief.store, thief.peer, &bundle); err != nil {
		t.Fatal(err)
	}
	other := *v.ours
	other.peer.Device = 9
	other.refuses(t, sealed(t)(thief.seal("with a used prekey")), status.NoPrekey)
}

func TestFault16_OneCounterTwice(t *testing.T) {
	v := newVictims(t, true)
	seen := sync.Map{}
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for range 50 {
				c, err := v.ours.seal("x")
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
	v.theirs.storing = func() { second = sealed(t)(v.theirs.seal("second")) }
	first := sealed(t)(v.theirs.seal("first"))
	a, b := sessiontest.ParseMessage(t, first.Prekey, first.Bytes), sessiontest.ParseMessage(t, second.Prekey, second.Bytes)
	if a.Ratchet != b.Ratchet || a.Counter != b.Counter {
		t.Error("the library now gives two goroutines two counters")
	}
}

func TestFault19_TrustIsCheckedTooLate(t *testing.T) {
	v := newVictimsWith(t, sharing(t), true)
	var private, public [32]byte
	curve.Generate(&private, &public)
	other, err := keyhelper.GenerateIdentityKeyPair()
	if err != nil {
		t.Fatal(err)
	}
	state := v.theirs.sessions[v.theirs.peer.String()].SessionState()
	before := state.SenderChainKey().Index()
	v.theirs.SaveIdentity(t.Context(), v.theirs.peer, other.PublicKey())
	if _, err := v.theirs.seal("x"); !errors.Is(err, signalerror.ErrUntrustedIdentity) || state.SenderChainKey().Index() == before {
		t.Errorf("the library now checks trust before it moves the chain: %v", err)
	}
	incoming := sealed(t)(v.againstOurs.seal("x"))
	if err := Trust(v.ours.store, v.ours.peer, &public); err != nil {
		t.Fatal(err)
	}
	dump := v.ours.dump(t)
	if _, err := v.ours.seal("x"); status.Of(err) != status.UntrustedIdentity {
		t.Fatalf("sealed for an identity that is not trusted: %v", err)
	}
	if !bytes.Equal(dump, v.ours.dump(t)) {
		t.Fatal("a refused seal moved the chain")
	}
	v.ours.refuses(t, incoming, status.UntrustedIdentity)
}

func TestFault23_SessionThatNobodyAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs, peer := newOurs(t), newTheirs(t), newOurs(t)
		bundle := peer.bundle(t)
		if err := errors.Join(Begin(ours.store, ours.peer, &bundle), theirs.begin(&bundle)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30*24*time.Hour - time.Hour)
		sealed(t)(ours.seal("still fine"))
		time.Sleep(2 * time.Hour)
		if c, err := theirs.seal("too old"); err != nil || !c.Prekey {
			t.Errorf("the library no longer seals on a session that nobody answered for 30 days: %v", err)
		}
		before := ours.dump(t)
		if _, err := ours.seal("too old"); status.Of(err) != status.NoSession {
			t.Fatalf("sealed on a session that nobody answered for 30 days: %v", err)
		}
		if err := Check(ours.store, ours.peer); status.Of(err) != status.NoSession {
			t.Fatal(err)
		}
		if !bytes.Equal(before, ours.dump(t)) {
			t.Fatal("a refused seal changed the session")
		}
	})
}
