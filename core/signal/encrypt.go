package signal

import (
	"time"

	"libcallkey/core/session"
	"libcallkey/core/store"
)

// Fetch reads the records that Encrypt will need for several devices at once, at most
// store.Batch. Errors: STORE, STORE_CORRUPT.
func Fetch(tx *store.Tx, devices []Device) error {
	names := make([]string, len(devices))
	for i, d := range devices {
		names[i] = string(d)
	}
	if err := tx.Fetch(store.Sessions, names); err != nil {
		return err
	}
	return tx.Fetch(store.Identities, names)
}

// CanEncrypt returns the error that Encrypt would.
func CanEncrypt(tx *store.Tx, d Device) error {
	r, err := loadRecord(tx, d)
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
func Encrypt(tx *store.Tx, d Device, plaintext []byte) (c session.Ciphertext, err error) {
	r, err := loadRecord(tx, d)
	if err != nil {
		return c, err
	}
	defer r.Release()
	trusted, err := loadIdentity(tx, d)
	if err != nil {
		return c, err
	}
	if c, err = r.Seal(plaintext, trusted, time.Now().Unix()); err != nil {
		return c, err
	}
	stage(tx, d, r)
	return c, nil
}
