package hardening

import (
	"testing"

	"libcallkey/core/session"
	"libcallkey/core/session/sessiontest"
)

// Victims are one device of each library, and an attacker who has begun a session with each.
type Victims struct {
	Ours          Device
	Theirs        *Theirs
	AgainstOurs   Device
	AgainstTheirs Device
}

// NewVictims makes them of the layer of like. answered: they have replied to each other.
func NewVictims(t testing.TB, like Device, answered bool) Victims {
	t.Helper()
	return newVictimsWith(t, like, NewTheirs(t), answered)
}

func newVictimsWith(t testing.TB, like Device, device *Theirs, answered bool) Victims {
	t.Helper()
	v := Victims{like.New(t), device, like.New(t), like.New(t)}
	ourBundle, theirBundle := v.Ours.Bundle(t), v.Theirs.Bundle()
	MustBegin(t, v.AgainstOurs, &ourBundle)
	MustBegin(t, v.AgainstTheirs, &theirBundle)
	if answered {
		Opened(t, "hello")(v.Ours.Open(seal(t, v.AgainstOurs, "hello")))
		Opened(t, "hello")(v.Theirs.Open(seal(t, v.AgainstTheirs, "hello")))
		Opened(t, "hi")(v.AgainstOurs.Open(seal(t, v.Ours, "hi")))
		Opened(t, "hi")(v.AgainstTheirs.Open(Sealed(t)(v.Theirs.Seal("hi"))))
	}
	return v
}

// sharing is a device of the Signal library with a store that hands out the pointers it was given.
func sharing(t testing.TB) *Theirs {
	t.Helper()
	d := NewTheirs(t)
	d.shares = true
	return d
}

// against forges a message for our victim.
func (v Victims) against(t testing.TB, plaintext []byte, spoil func(f *sessiontest.Forgery)) session.Ciphertext {
	t.Helper()
	return Forge(t, v.AgainstOurs, plaintext, spoil)
}

// againstTheirs forges one for the other library's victim.
func (v Victims) againstTheirs(t testing.TB, plaintext []byte, spoil func(f *sessiontest.Forgery)) session.Ciphertext {
	t.Helper()
	return Forge(t, v.AgainstTheirs, plaintext, spoil)
}
