package signal

import (
	"time"

	"libcallkey/core/curve"
	"libcallkey/core/secret"
	"libcallkey/core/session"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Begin begins a session with the owner of bundle (X3DH). An existing session is
// archived: it still opens messages. The bundle's identity key is trusted from now on
// if the device had none. Errors: INVALID_KEY, UNTRUSTED_IDENTITY, NO_IDENTITY, STORE,
// STORE_CORRUPT.
func Begin(s *store.Store, a Address, b *session.Bundle) error {
	if err := b.Check(); err != nil {
		return err
	}
	return Within(s, []Address{a}, nil, func(tx *store.Tx, devices []Device) error {
		own, err := loadAccount(tx)
		if err != nil {
			return err
		}
		defer own.Wipe()
		var begun [1]session.Beginning
		session.BeginAll(&own.Account, []*session.Bundle{b}, time.Now().Unix(), session.System, begun[:])
		defer begun[0].Wipe()
		return begin(tx, devices[0], &b.IdentityKey, &begun[0])
	})
}

// loadIdentity returns the identity key trusted for a device, nil if none is known.
// Errors: STORE, STORE_CORRUPT.
func loadIdentity(tx *store.Tx, d Device) ([]byte, error) {
	row, err := tx.Get(store.Identities, string(d))
	if err == nil && row != nil && len(row) != curve.Bytes {
		return nil, status.New(status.StoreCorrupt, "a stored identity key has %d bytes", len(row))
	}
	return row, err
}

// trust stages an identity key for a device that has none.
func trust(tx *store.Tx, d Device, key *[32]byte) error {
	known, err := trusted(tx, d, key)
	if err == nil && !known {
		stageIdentity(tx, d, key)
	}
	return err
}

// trusted reports whether an identity key is the one that is known for a device; false: none is. Errors:
// UNTRUSTED_IDENTITY, STORE, STORE_CORRUPT.
func trusted(tx *store.Tx, d Device, key *[32]byte) (known bool, err error) {
	row, err := loadIdentity(tx, d)
	if err == nil && row != nil && string(row) != string(key[:]) { // public: identity keys
		err = status.New(status.UntrustedIdentity, "the device's identity key changed")
	}
	return row != nil, err
}

func stageIdentity(tx *store.Tx, d Device, key *[32]byte) {
	tx.Put(store.Identities, string(d), append([]byte(nil), key[:]...))
}

// Check returns nil if a message could be sealed for the device. Errors: NO_SESSION,
// STORE, STORE_CORRUPT.
func Check(s *store.Store, a Address) error {
	return inspect(s, a, loadSession, func(r *session.Record, trusted []byte) error {
		if err := r.CanSeal(trusted, time.Now().Unix()); err != nil {
			return status.New(status.NoSession, "%v", err)
		}
		return nil
	})
}

// Remove removes the sessions with a device, but not its identity key. There need not
// be any. Errors: STORE, STORE_CORRUPT.
func Remove(s *store.Store, a Address) error {
	return Within(s, []Address{a}, nil, func(tx *store.Tx, devices []Device) error {
		return removeSessions(tx, devices[0])
	})
}

// Export returns the device's session record in Signal's storage protobuf. It contains
// secrets. Errors: NO_SESSION, STORE, STORE_CORRUPT.
func Export(s *store.Store, a Address) (encoded []byte, err error) {
	err = Within(s, []Address{a}, nil, func(tx *store.Tx, devices []Device) error {
		secret.Wipe(encoded) // of a run that lost a race with another process
		encoded, err = exported(tx, devices[0])
		return err
	})
	if err != nil {
		secret.Wipe(encoded)
		return nil, err
	}
	return encoded, nil
}

// exported returns a record as every Signal client reads it: in one piece, with the keys of skipped
// messages, not their seeds, and if it is stale with sessions that may not seal.
func exported(tx *store.Tx, d Device) ([]byte, error) {
	r, err := loadRecord(tx, d)
	if err != nil {
		return nil, err
	}
	defer r.Release()
	if _, has := r.Identity(); !has {
		return nil, status.New(status.NoSession, "no session with the device")
	}
	return r.Encode(), nil
}

// Import replaces the device's session record with one that Export or another Signal
// client wrote: the storage protobuf, or the JSON of the Go library. The identity key of
// its newest session is trusted if the device had none. Errors: MALFORMED, UNSUPPORTED,
// INVALID_KEY, UNTRUSTED_IDENTITY, STORE, STORE_CORRUPT.
func Import(s *store.Store, a Address, encoded []byte) error {
	// What is known now only saves a check, so it needs no lock. A fault of the store is found below again.
	var trusted []byte
	_ = s.Update(func(tx *store.Tx) error {
		d, err := resolve(tx, Device(a.String()))
		if err == nil {
			trusted, err = loadIdentity(tx, d)
		}
		return err
	})
	r := session.NewRecord()
	defer r.Release()
	if err := r.Import(encoded, time.Now().Unix(), trusted); err != nil {
		return err
	}
	return Within(s, []Address{a}, nil, func(tx *store.Tx, devices []Device) error {
		identity, _ := r.Identity()
		if err := trust(tx, devices[0], &identity); err != nil {
			return err
		}
		if err := remove(tx, store.Archives, devices[0]); err != nil {
			return err
		}
		stage(tx, devices[0], r)
		return nil
	})
}

// IdentityOf returns the identity key trusted for a device. Errors: NOT_FOUND (none is
// known), STORE, STORE_CORRUPT.
func IdentityOf(s *store.Store, a Address) (key [32]byte, err error) {
	err = Within(s, []Address{a}, nil, func(tx *store.Tx, devices []Device) error {
		trusted, err := loadIdentity(tx, devices[0])
		if err == nil && trusted == nil {
			err = status.New(status.NotFound, "no identity key is known for the device")
		}
		if err == nil {
			copy(key[:], trusted)
		}
		return err
	})
	return key, err
}

// Trust accepts key as the device's identity from now on. Sessions with another
// identity stay, but neither seal nor open.
// Errors: INVALID_KEY, STORE, STORE_CORRUPT.
func Trust(s *store.Store, a Address, key *[32]byte) error {
	if err := curve.Validate(key); err != nil {
		return status.New(status.InvalidKey, "identity key: %v", err)
	}
	return Within(s, []Address{a}, nil, func(tx *store.Tx, devices []Device) error {
		stageIdentity(tx, devices[0], key)
		return nil
	})
}
