package hardening

import (
	"errors"
	"libcallkey/core/session"
	"libcallkey/core/session/sessiontest"
	"testing"
	"time"

	"go.mau.fi/libsignal/signalerror"

	"libcallkey/core/status"
)

// ForgeryMovesTheRatchet: a forgery that announces a new ratchet key ends a session of the library.
func ForgeryMovesTheRatchet(t *testing.T, d Device) {
	v := newVictimsWith(t, d, sharing(t), true)
	v.Theirs.Open(v.againstTheirs(t, sessiontest.Padded("x"), (*sessiontest.Forgery).BogusTurn))
	if _, err := v.AgainstTheirs.Open(Sealed(t)(v.Theirs.Seal("after"))); err == nil {
		t.Error("the library's session now survives a forgery")
	}
	Refuses(t, v.Ours, v.against(t, sessiontest.Padded("x"), (*sessiontest.Forgery).BogusTurn), status.Authentication)
	Opened(t, "after")(v.AgainstOurs.Open(seal(t, v.Ours, "after")))
}

// TwoSessions makes a second session and returns two late messages of the first.
func TwoSessions(t testing.TB, peer Device, second *session.Bundle, receiver Opener) (late [2]session.Ciphertext) {
	t.Helper()
	Opened(t, "1")(receiver.Open(seal(t, peer, "1")))
	late = [2]session.Ciphertext{seal(t, peer, "late"), seal(t, peer, "later")}
	second.PrekeyID = 0
	MustBegin(t, peer, second)
	Opened(t, "2")(receiver.Open(seal(t, peer, "2")))
	return late
}

// LateMessageSpoilsTheCurrentSession: a late message of an older session ends the current one of the library.
func LateMessageSpoilsTheCurrentSession(t *testing.T, d Device) {
	v := NewVictims(t, d, true)
	theirBundle := v.Theirs.Bundle()
	late := TwoSessions(t, v.AgainstTheirs, &theirBundle, v.Theirs)
	Opened(t, "late")(v.Theirs.Open(late[0]))
	Opened(t, "3")(v.Theirs.Open(seal(t, v.AgainstTheirs, "3")))
	if _, err := v.AgainstTheirs.Open(Sealed(t)(v.Theirs.Seal("4"))); err == nil {
		t.Error("the library's current session now survives a late message")
	}
	ourBundle := v.Ours.Bundle(t)
	late = TwoSessions(t, v.AgainstOurs, &ourBundle, v.Ours)
	Opened(t, "late")(v.Ours.Open(late[0]))
	Opened(t, "3")(v.Ours.Open(seal(t, v.AgainstOurs, "3")))
	Opened(t, "4")(v.AgainstOurs.Open(seal(t, v.Ours, "4")))
}

// replay lets an archived state open a message and become current, and then, after the
// turns of the ratchet that its peer and it make, delivers a message again.
func replay(t *testing.T, victim Opener, answer func() (session.Ciphertext, error), peer Device, second *session.Bundle) (string, error) {
	t.Helper()
	late := TwoSessions(t, peer, second, victim)
	first, again := late[0], late[1]
	Opened(t, "late")(victim.Open(first))
	Opened(t, "later")(victim.Open(again))
	for range sessiontest.MaxReceivers + 1 {
		Opened(t, "there")(peer.Open(Sealed(t)(answer())))
		Opened(t, "back")(victim.Open(seal(t, peer, "back")))
	}
	return victim.Open(again)
}

// PromotedStateStaysArchived: a session of the library that became current again opens its messages a second time.
func PromotedStateStaysArchived(t *testing.T, d Device) {
	v := NewVictims(t, d, true)
	theirBundle := v.Theirs.Bundle()
	if text, err := replay(t, v.Theirs, func() (session.Ciphertext, error) { return v.Theirs.Seal("there") }, v.AgainstTheirs, &theirBundle); err != nil || text != "later" {
		t.Errorf("the library now refuses a replay after a promotion: %v", err)
	}
	ourBundle := v.Ours.Bundle(t)
	if text, err := replay(t, v.Ours, func() (session.Ciphertext, error) { return v.Ours.Seal([]byte("there")) }, v.AgainstOurs, &ourBundle); err == nil {
		t.Fatalf("%q opened twice", text)
	}
	seen := map[[32]byte]bool{}
	for _, s := range Record(t, v.Ours).States() {
		if seen[s.BaseKey] {
			t.Fatal("one session is in the record twice: its messages open twice")
		}
		seen[s.BaseKey] = true
	}
}

// CostOfAForgedCounter: one forged message costs the library two thousand message keys.
func CostOfAForgedCounter(t *testing.T, d Device) {
	v := newVictimsWith(t, d, sharing(t), true)
	// The library derives and keeps two thousand message keys for one forged message, in
	// the state it tries.
	far := func(f *sessiontest.Forgery) { f.BogusTurn(); f.Counter = sessiontest.MaxJump }
	shared := v.Theirs.sessions[v.Theirs.peer.String()]
	before := len(shared.SessionState().Serialize())
	v.Theirs.Open(v.againstTheirs(t, sessiontest.Padded("x"), far))
	if grown := len(shared.SessionState().Serialize()) - before; grown < sessiontest.MaxJump*80 {
		t.Errorf("the library's state now grows by %d bytes only", grown)
	}
	r := Record(t, v.Ours)
	for range sessiontest.MaxArchived {
		r.Archived = append(r.Archived, r.Current.Clone())
	}
	archive := session.NewRecord()
	defer archive.Release()
	if err := archive.Decode(r.Encode(), time.Now().Unix()); err != nil {
		t.Fatal(err)
	}
	in, err := session.Parse(false, v.against(t, sessiontest.Padded("x"), far).Bytes)
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
	Refuses(t, v.Ours, v.against(t, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Counter = sessiontest.MaxJump + 5 }), status.TooFar)
	forged := v.against(t, sessiontest.Padded("x"), far)
	v.Ours.SetRecord(t, r.Encode())
	Refuses(t, v.Ours, forged, status.TooFar)
}

// TheCauseIsHidden: the library does not tell a repetition from a forgery.
func TheCauseIsHidden(t *testing.T, d Device) {
	v := NewVictims(t, d, true)
	for name, c := range map[string]session.Ciphertext{
		"forged":      v.againstTheirs(t, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.SpoilMAC = true }),
		"from beyond": v.againstTheirs(t, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Counter += 2100 }),
	} {
		if _, err := v.Theirs.Open(c); !errors.Is(err, signalerror.ErrNoValidSessions) {
			t.Errorf("%s: the library now tells the cause: %v", name, err)
		}
	}
	honest := seal(t, v.AgainstOurs, "1")
	Opened(t, "1")(v.Ours.Open(honest))
	Refuses(t, v.Ours, honest, status.Duplicate)
	Refuses(t, v.Ours, v.against(t, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.SpoilMAC = true }), status.Authentication)
	Refuses(t, v.Ours, v.against(t, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Counter += 2100 }), status.TooFar)
	Refuses(t, d.New(t), honest, status.NoSession)
}
