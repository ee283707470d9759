package signal

import (
	"time"

	"libcallkey/core/session"
	"libcallkey/core/store"
)

// CanEncrypt returns the error that Encrypt would.
func CanEncrypt(tx *store.Tx, d Device) error {
	r, err := loadSession(tx, d)
	if err != nil {
		return err
	}
	defer r.Release()
	trusted, err := loadIdentity(tx, d)
	if err != nil {
		return err
	}
	return r.CanSeal(trusted, time.Now().Unix())
}

// Encrypt seals plaintext for a device of Within and stages the advanced session.
// Errors: NO_SESSION, UNTRUSTED_IDENTITY, STORE, STORE_CORRUPT.
func Encrypt(tx *store.Tx, d Device, plaintext []byte) (session.Ciphertext, error) {
	return encrypt(tx, d, func(row session.Row, trusted []byte) (session.Rows, session.Ciphertext, error) {
		return row.Seal(plaintext, trusted)
	}, nil)
}

// A Plaintext is one that Write makes, of Size bytes, inside the secret.Do that seals it.
type Plaintext struct {
	Size  int
	Write func(plaintext []byte) error
}

// EncryptIf is Encrypt of a Plaintext, but stages nothing if its Write or wanted, which may be nil,
// returns an error, which it returns.
func EncryptIf(tx *store.Tx, d Device, p Plaintext, wanted func(session.Ciphertext) error) (session.Ciphertext, error) {
	return encrypt(tx, d, func(row session.Row, trusted []byte) (session.Rows, session.Ciphertext, error) {
		return row.SealWritten(p.Size, p.Write, trusted)
	}, wanted)
}

func encrypt(tx *store.Tx, d Device, seal func(row session.Row, trusted []byte) (session.Rows, session.Ciphertext, error), wanted func(session.Ciphertext) error) (c session.Ciphertext, err error) {
	w, err := loadWarm(tx, d)
	if err != nil {
		return c, err
	}
	defer w.wipe()
	next, c, err := seal(w.row, w.kept.trusted)
	if err != nil {
		return c, w.refused(tx, err)
	}
	if wanted != nil {
		if err := wanted(c); err != nil {
			next.Wipe()
			return session.Ciphertext{}, err
		}
	}
	w.stage(tx, next)
	return c, nil
}
