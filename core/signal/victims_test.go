package signal

import (
	"libcallkey/core/session"
	"libcallkey/core/session/sessiontest"
	"testing"
)

// forge spoils the attacker's next message. The attacker's session does not move.
func forge(t testing.TB, attacker *ours, plaintext []byte, spoil func(f *sessiontest.Forgery)) session.Ciphertext {
	t.Helper()
	f := sessiontest.NextMessage(attacker.record(t).Current, plaintext)
	spoil(f)
	wire, prekey := f.Seal()
	return session.Ciphertext{Bytes: wire, Prekey: prekey}
}

// victims are one device of each kind, and an attacker who has begun a session with
// each. answered: they have replied to each other.
type victims struct {
	ours         *ours
	theirs       *theirs
	againstOurs  *ours
	againstTheir *ours
}

func newVictims(t testing.TB, answered bool) victims {
	t.Helper()
	return newVictimsWith(t, newTheirs(t), answered)
}

func newVictimsWith(t testing.TB, device *theirs, answered bool) victims {
	t.Helper()
	v := victims{newOurs(t), device, newOurs(t), newOurs(t)}
	ourBundle, theirBundle := v.ours.bundle(t), v.theirs.bundle()
	for attacker, b := range map[*ours]*session.Bundle{v.againstOurs: &ourBundle, v.againstTheir: &theirBundle} {
		if err := Begin(attacker.store, attacker.peer, b); err != nil {
			t.Fatal(err)
		}
	}
	if answered {
		opened(t, "hello")(v.ours.open(sealed(t)(v.againstOurs.seal("hello"))))
		opened(t, "hello")(v.theirs.open(sealed(t)(v.againstTheir.seal("hello"))))
		opened(t, "hi")(v.againstOurs.open(sealed(t)(v.ours.seal("hi"))))
		opened(t, "hi")(v.againstTheir.open(sealed(t)(v.theirs.seal("hi"))))
	}
	return v
}
