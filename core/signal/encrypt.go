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
	return EncryptIf(tx, d, plaintext, func(session.Ciphertext) error { return nil })
}

// EncryptIf is Encrypt, but stages nothing if wanted returns an error, which it returns.
func EncryptIf(tx *store.Tx, d Device, plaintext []byte, wanted func(session.Ciphertext) error) (c session.Ciphertext, err error) {
	w, err := loadWarm(tx, d)
	if err != nil {
		return c, err
	}
	defer w.wipe()
	next, c, err := w.row.Seal(plaintext, w.kept.trusted)
	if err != nil {
		return c, w.refused(tx, err)
	}
	if err := wanted(c); err != nil {
		next.Wipe()
		return session.Ciphertext{}, err
	}
	w.stage(tx, next)
	return c, nil
}
