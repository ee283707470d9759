// Package hardening has the faults of docs/security.md as scenarios that need only a session, for
// both layers that have one: core/signal, over a store, and core/session alone, in a program that
// keeps records itself. Each scenario is written once, and a test on each layer plays it with that
// layer's devices.
//
// A fault of the Signal library is shown first on that library's own session.Cipher and
// session.Builder, which proves that the scenario can fail, and then that it can't be reached
// through ours.
package hardening

import (
	"bytes"
	"testing"

	"libcallkey/core/session"
	"libcallkey/core/session/sessiontest"
	"libcallkey/core/status"
)

// Device is a device that runs this library, with what it has of one peer: a session record and
// the identity key that it trusts.
type Device interface {
	// Bundle is a new one, with a one-time prekey that is in no other.
	Bundle(t testing.TB) session.Bundle
	// AddPrekeys makes one-time prekeys and returns their ids.
	AddPrekeys(n int) (ids []uint32, err error)
	// Own returns the device's identity key and its registration id.
	Own(t testing.TB) (identity [32]byte, registrationID uint32)

	Begin(b *session.Bundle) error
	CanSeal() error
	Seal(plaintext []byte) (session.Ciphertext, error)
	Open(c session.Ciphertext) (plaintext string, err error)
	// OpenAndDie opens c, and the process ends before the commit.
	OpenAndDie(t testing.TB, c session.Ciphertext)

	// Trust takes key for the peer's identity from now on.
	Trust(key *[32]byte) error
	// Record is the session record; NO_SESSION if there is none.
	Record() ([]byte, error)
	// SetRecord puts a record in its place as it is.
	SetRecord(t testing.TB, record []byte)
	// Import takes over another program's record.
	Import(record []byte) error
	// Remove forgets the session, and not the peer's identity.
	Remove() error

	// At is the same device with another peer: "name:device".
	At(peer string) Device
	// New is another device, on the same layer.
	New(t testing.TB) Device
	// Tie makes the peer's name, and that of the peer of another At, names of one device; Untie
	// makes its peer's name one of a device that nothing is known of.
	Tie(other Device) error
	Untie() error
	// ForgetFirstMessages forgets which first messages were opened, as an app of 0.2.0 did.
	ForgetFirstMessages(t testing.TB)
	// Dump is everything that a message could change.
	Dump(t testing.TB) []byte
}

// Opener is a device of either library.
type Opener interface {
	Open(c session.Ciphertext) (plaintext string, err error)
}

// Sealed is the message that Seal returns, which must not fail.
func Sealed(t testing.TB) func(session.Ciphertext, error) session.Ciphertext {
	return func(c session.Ciphertext, err error) session.Ciphertext {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}

// Opened checks what Open returns.
func Opened(t testing.TB, want string) func(string, error) {
	return func(got string, err error) {
		t.Helper()
		if err != nil || got != want {
			t.Fatalf("opened %q (%v), want %q", got, err, want)
		}
	}
}

// seal seals a text that must seal.
func seal(t testing.TB, d Device, text string) session.Ciphertext {
	t.Helper()
	return Sealed(t)(d.Seal([]byte(text)))
}

// Refuses checks that d rejects c with one of the statuses and changes nothing.
func Refuses(t testing.TB, d Device, c session.Ciphertext, want ...status.Code) {
	t.Helper()
	before := d.Dump(t)
	_, err := d.Open(c)
	if !bytes.Equal(before, d.Dump(t)) {
		t.Fatalf("a refused message changed the device: %v", err)
	}
	for _, code := range want {
		if status.Of(err) == code {
			return
		}
	}
	t.Fatalf("%v (%s), want one of %v", err, status.Of(err).Name(), want)
}

// Record is a copy of the device's session record.
func Record(t testing.TB, d Device) *sessiontest.Record {
	t.Helper()
	encoded, err := d.Record()
	if err != nil {
		t.Fatal(err)
	}
	return sessiontest.Parse(t, encoded)
}

// Forge spoils the attacker's next message. The attacker's session does not move.
func Forge(t testing.TB, attacker Device, plaintext []byte, spoil func(f *sessiontest.Forgery)) session.Ciphertext {
	t.Helper()
	f := sessiontest.NextMessage(Record(t, attacker).Current, plaintext)
	spoil(f)
	wire, prekey := f.Seal()
	return session.Ciphertext{Bytes: wire, Prekey: prekey}
}

// MustBegin begins a session that must begin.
func MustBegin(t testing.TB, d Device, b *session.Bundle) {
	t.Helper()
	if err := d.Begin(b); err != nil {
		t.Fatal(err)
	}
}

// tie makes two peers of a device one.
func tie(t testing.TB, d, other Device) {
	t.Helper()
	if err := d.Tie(other); err != nil {
		t.Fatal(err)
	}
}

// withoutOneTime is a bundle as a server gives it that has no one-time prekey left.
func withoutOneTime(t testing.TB, d Device) *session.Bundle {
	t.Helper()
	b := d.Bundle(t)
	b.PrekeyID = 0
	return &b
}
