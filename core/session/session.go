// Package session is a Signal session without a place for it: X3DH, the Double Ratchet
// (message version 3), and the record that both parties keep. Bytes in, bytes out: there
// is no store, no lock and no clock here, and randomness comes through one parameter. So a
// program can keep records where it likes; core/signal keeps them in a store.
//
// The session driver is our own. The one in go.mau.fi/libsignal trusts its input and its
// store, so a forged message can panic it, move a ratchet or plant an identity. Of that
// library this package uses only the struct types of its JSON session records, to import
// them.
//
// The rules here:
//
//   - Parse first, strictly; look nothing up for bytes that do not parse.
//   - Work on copies. A record changes only after the message was authenticated.
//   - A forged message costs at most about as much as the longest honest one.
package session

import (
	"crypto/rand"

	"libcallkey/core/curve"
	"libcallkey/core/secret"
	"libcallkey/core/status"
)

// Account is a device's own identity.
type Account struct {
	RegistrationID  uint32
	Private, Public [32]byte // raw X25519
}

// Wipe clears the private key.
func (a *Account) Wipe() { clear(a.Private[:]) }

// Random fills a slice with random bytes.
type Random func(b []byte)

// System is the operating system's CSPRNG.
func System(b []byte) { rand.Read(b) }

func (r Random) private(private *[32]byte) {
	r(private[:])
	curve.Clamp(private)
}

func (r Random) keyPair(private, public *[32]byte) {
	r.private(private)
	curve.Public(public, private)
}

// erasing runs work on secrets and returns its error.
func erasing(work func() error) (err error) {
	secret.Do(func() { err = work() })
	return err
}

func malformed(what string) error { return status.New(status.Malformed, "%s", what) }
