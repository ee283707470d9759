package signal

import (
	"errors"
	"libcallkey/core/session"
	"libcallkey/core/session/sessiontest"
	"testing"
	"time"

	"go.mau.fi/libsignal/signalerror"

	"libcallkey/core/status"
)

// sharing is a device whose store hands out the pointers it was given.
func sharing(t *testing.T) *theirs {
	d := newTheirs(t)
	d.shares = true
	return d
}

func TestFault04_ForgeryMovesTheRatchet(t *testing.T) {
	v := newVictimsWith(t, sharing(t), true)
	v.theirs.open(forge(t, v.againstTheir, sessiontest.Padded("x"), (*sessiontest.Forgery).BogusTurn))
	if _, err := v.againstTheir.open(sealed(t)(v.theirs.seal("after"))); err == nil {
		t.Error("the library's session now survives a forgery")
	}
	v.ours.refuses(t, forge(t, v.againstOurs, sessiontest.Padded("x"), (*sessiontest.Forgery).BogusTurn), status.Authentication)
	opened(t, "after")(v.againstOurs.open(sealed(t)(v.ours.seal("after"))))
}

// twoSessions makes a second session and returns two late messages of the first.
func twoSessions(t *testing.T, peer *ours, second *session.Bundle, receive func(session.Ciphertext) (string, error)) (late [2]session.Ciphertext) {
	t.Helper()
	opened(t, "1")(receive(sealed(t)(peer.seal("1"))))
	late = [2]session.Ciphertext{sealed(t)(peer.seal("late")), sealed(t)(peer.seal("later"))}
	second.PrekeyID = 0
	if err := Begin(peer.store, peer.peer, second); err != nil {
		t.Fatal(err)
	}
	opened(t, "2")(receive(sealed(t)(peer.seal("2"))))
	return late
}

func TestFault05_LateMessageSpoilsTheCurrentSession(t *testing.T) {
	v := newVictims(t, true)
	theirBundle := v.theirs.bundle()
	late := twoSessions(t, v.againstTheir, &theirBundle, v.theirs.open)
	opened(t, "late")(v.theirs.open(late[0]))
	opened(t, "3")(v.theirs.open(sealed(t)(v.againstTheir.seal("3"))))
	if _, err := v.againstTheir.open(sealed(t)(v.theirs.seal("4"))); err == nil {
		t.Error("the library's current session now survives a late message")
	}
	ourBundle := v.ours.bundle(t)
	late = twoSessions(t, v.againstOurs, &ourBundle, v.ours.open)
	opened(t, "late")(v.ours.open(late[0]))
	opened(t, "3")(v.ours.open(sealed(t)(v.againstOurs.seal("3"))))
	opened(t, "4")(v.againstOurs.open(sealed(t)(v.ours.seal("4"))))
}

// device is a device of either kind.
type device interface {
	seal(plaintext string) (session.Ciphertext, error)
	open(c session.Ciphertext) (string, error)
}

// replay lets an archived state open a message and become current, and then, after the
// turns of the ratchet that its peer and it make, delivers a message again.
func replay(t *testing.T, victim device, peer *ours, second *session.Bundle) (string, error) {
	t.Helper()
	late := twoSessions(t, peer, second, victim.open)
	first, again := late[0], late[1]
	opened(t, "late")(victim.open(first))
	opened(t, "later")(victim.open(again))
	for range sessiontest.MaxReceivers + 1 {
		opened(t, "there")(peer.open(sealed(t)(victim.seal("there"))))
		opened(t, "back")(victim.open(sealed(t)(peer.seal("back"))))
	}
	return victim.open(again)
}

func TestFault06_PromotedStateStaysArchived(t *testing.T) {
	v := newVictims(t, true)
	theirBundle := v.theirs.bundle()
	if text, err := replay(t, v.theirs, v.againstTheir, &theirBundle); err != nil || text != "later" {
		t.Errorf("the library now refuses a replay after a promotion: %v", err)
	}
	ourBundle := v.ours.bundle(t)
	if text, err := replay(t, v.ours, v.againstOurs, &ourBundle); err == nil {
		t.Fatalf("%q opened twice", text)
	}
	seen := map[[32]byte]bool{}
	for _, s := range v.ours.record(t).States() {
		if seen[s.BaseKey] {
			t.Fatal("one session is in the record twice: its messages open twice")
		}
		seen[s.BaseKey] = true
	}
}

func TestFault12_CostOfAForgedCounter(t *testing.T) {
	v := newVictimsWith(t, sharing(t), true)
	// The library derives and keeps two thousand message keys for one forged message, in
	// the state it tries.
	far := func(f *sessiontest.Forgery) { f.BogusTurn(); f.Counter = sessiontest.MaxJump }
	shared := v.theirs.sessions[v.theirs.peer.String()]
	before := len(shared.SessionState().Serialize())
	v.theirs.open(forge(t, v.againstTheir, sessiontest.Padded("x"), far))
	if grown := len(shared.SessionState().Serialize()) - before; grown < sessiontest.MaxJump*80 {
		t.Errorf("the library's state now grows by %d bytes only", grown)
	}
	r := v.ours.record(t)
	for range sessiontest.MaxArchived {
		r.Archived = append(r.Archived, r.Current.Clone())
	}
	archive := session.NewRecord()
	defer archive.Release()
	if err := archive.Decode(r.Encode(), time.Now().Unix()); err != nil {
		t.Fatal(err)
	}
	in, err := session.Parse(false, forge(t, v.againstOurs, sessiontest.Padded("x"), far).Bytes)
	if err != nil {
		t.Fatal(err)
	}
	left := session.MessageBudget
	if _, err := archive.Open(in, r.Current.RemoteIdentity[:], &left, session.System); status.Of(err) != status.TooFar {
		t.Fatalf("a message that was not tried on every state is %v", err)
	}
	if left < 0 || left >= sessiontest.MaxJump {
		t.Fatalf("a forged counter left %d steps of %d", left, session.MessageBudget)
	}
	v.ours.refuses(t, forge(t, v.againstOurs, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Counter = sessiontest.MaxJump + 5 }), status.TooFar)
}

func TestFault13_TheCauseIsHidden(t *testing.T) {
	v := newVictims(t, true)
	for name, c := range map[string]session.Ciphertext{
		"forged":      forge(t, v.againstTheir, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.SpoilMAC = true }),
		"from beyond": forge(t, v.againstTheir, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Counter += 2100 }),
	} {
		if _, err := v.theirs.open(c); !errors.Is(err, signalerror.ErrNoValidSessions) {
			t.Errorf("%s: the library now tells the cause: %v", name, err)
		}
	}
	honest := sealed(t)(v.againstOurs.seal("1"))
	opened(t, "1")(v.ours.open(honest))
	v.ours.refuses(t, honest, status.Duplicate)
	v.ours.refuses(t, forge(t, v.againstOurs, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.SpoilMAC = true }), status.Authentication)
	v.ours.refuses(t, forge(t, v.againstOurs, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Counter += 2100 }), status.TooFar)
	newOurs(t).refuses(t, honest, status.NoSession)
}
