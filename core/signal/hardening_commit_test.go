package signal

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"testing"
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
	plant := func(f *forgery) { f.identity, f.spoilMAC = typed[:], true }
	v.theirs.open(forge(t, v.againstTheir, padded("x"), plant))
	if _, err := v.theirs.open(sealed(t)(v.againstTheir.seal("honest"))); !errors.Is(err, signalerror.ErrUntrustedIdentity) {
		t.Errorf("the library no longer saves an identity that nothing authenticated: %v", err)
	}
	v.ours.refuses(t, forge(t, v.againstOurs, padded("x"), plant), status.Authentication)
	opened(t, "honest")(v.ours.open(sealed(t)(v.againstOurs.seal("honest"))))
}

func TestFault08_SwappedIdentityOnAKnownSession(t *testing.T) {
	v := newVictims(t, false)
	opened(t, "1")(v.theirs.open(sealed(t)(v.againstTheir.seal("1"))))
	opened(t, "1")(v.ours.open(sealed(t)(v.againstOurs.seal("1"))))
	var private, public [32]byte
	curve.Generate(&private, &public)
	typed := curve.Typed(&public)
	swap := func(f *forgery) { f.identity = typed[:] }
	clear(v.theirs.identities) // an app that accepts changed identities, as apps do
	opened(t, "x")(v.theirs.open(forge(t, v.againstTheir, padded("x"), swap)))
	var saved *identity.Key
	for _, saved = range v.theirs.identities {
	}
	if saved.PublicKey().PublicKey() != public {
		t.Error("the library no longer saves the swapped identity")
	}
	swapped := forge(t, v.againstOurs, padded("x"), swap)
	v.ours.refuses(t, swapped, status.UntrustedIdentity)
	if err := Trust(v.ours.store, v.ours.peer, &public); err != nil {
		t.Fatal(err)
	}
	v.ours.refuses(t, swapped, status.Authentication, status.NoPrekey)
}

func TestFault14_PrekeyZeroAndHalfACommit(t *testing.T) {
	// The library writes session and prekey apart: a crash between leaves both.
	v := newVictims(t, false)
	first := sealed(t)(v.againstTheir.seal("1"))
	opened(t, "1")(v.theirs.open(first))
	if v.theirs.prekeys[1] != nil {
		t.Error("the library no longer removes the prekey in a write of its own")
	}
	// Ours stages all of it for one commit: with the commit refused nothing happened.
	message := sealed(t)(v.againstOurs.seal("1"))
	before := v.ours.dump(t)
	in, err := Parse(true, message.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	crash := errors.New("crash before the commit")
	err = Within(v.ours.store, []Address{v.ours.peer}, in.Locks(), func(tx *store.Tx, devices []Device) error {
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
	stolen := v.againstOurs.record(t).current.pending
	bundle := v.ours.bundle(t)
	bundle.PrekeyID, bundle.Prekey = stolen.prekeyID, bundle.SignedPrekey
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
				m, err := parseMessage(c.Bytes)
				if err != nil {
					t.Error(err)
					return
				}
				if _, twice := seen.LoadOrStore(fmt.Sprint(m.ratchet, m.counter), true); twice {
					t.Errorf("counter %d was used twice: two messages share key and IV", m.counter)
				}
			}
		})
	}
	group.Wait()
	// The library has no lock: between its load and its store another Encrypt sees the
	// same chain. Two loads of one stored state, as two goroutines do them:
	record := v.theirs.sessions[v.theirs.peer.String()]
	first, second := record.SessionState().SenderChainKey(), record.SessionState().SenderChainKey()
	if !bytes.Equal(first.MessageKeys().CipherKey(), second.MessageKeys().CipherKey()) {
		t.Error("the library now hands out a chain key once")
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
	v := newVictims(t, false)
	sealed(t)(v.againstTheir.seal("the library has no date in its record"))
	r := v.againstOurs.record(t)
	r.current.pending.since = time.Now().Add(-maxUnacknowledged + time.Hour).Unix()
	v.againstOurs.setRecord(t, r)
	sealed(t)(v.againstOurs.seal("still fine"))
	r = v.againstOurs.record(t)
	r.current.pending.since = time.Now().Add(-maxUnacknowledged - time.Hour).Unix()
	v.againstOurs.setRecord(t, r)
	if _, err := v.againstOurs.seal("too old"); status.Of(err) != status.NoSession {
		t.Fatalf("sealed on a session that nobody answered for 30 days: %v", err)
	}
	if err := Check(v.againstOurs.store, v.againstOurs.peer); status.Of(err) != status.NoSession {
		t.Fatal(err)
	}
}
