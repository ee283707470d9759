package signal

import (
	"testing"

	"libcallkey/core/session"
	"libcallkey/core/session/sessiontest"
	"libcallkey/core/session/sessiontest/hardening"
)

// forge spoils the attacker's next message. The attacker's session does not move.
func forge(t testing.TB, attacker *ours, plaintext []byte, spoil func(f *sessiontest.Forgery)) session.Ciphertext {
	t.Helper()
	return hardening.Forge(t, attacker, plaintext, spoil)
}

// victims are hardening's, over stores.
type victims struct {
	ours         *ours
	theirs       *hardening.Theirs
	againstOurs  *ours
	againstTheir *ours
}

func newVictims(t testing.TB, answered bool) victims {
	t.Helper()
	v := hardening.NewVictims(t, newOurs(t), answered)
	return victims{v.Ours.(*ours), v.Theirs, v.AgainstOurs.(*ours), v.AgainstTheirs.(*ours)}
}
