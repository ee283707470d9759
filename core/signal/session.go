package signal

import (
	"time"

	"libcallkey/core/curve"
	"libcallkey/core/secret"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Begin begins a session with the owner of bundle (X3DH). An existing session is
// archived: it still opens messages. The bundle's identity key is trusted from now on
// if the device had none. Errors: INVALID_KEY, UNTRUSTED_IDENTITY, NO_IDENTITY, STORE,
// STORE_CORRUPT.
func Begin(s *store.Store, a Address, b *Bundle) error {
	if err := b.check(); err != nil {
		return err
	}
	return Within(s, []Address{a}, nil, func(tx *store.Tx, devices []Device) error {
		own, err := loadAccount(tx)
		if err != nil {
			return err
		}
		defer own.wipe()
		d := devices[0]
		if err := trust(tx, d, &b.IdentityKey); err != nil {
			return err
		}
		return changeRecord(tx, d, func(r *record) error {
			fresh, err := initiate(own, b, time.Now().Unix())
			if err == nil {
				r.promote(nil, fresh)
			}
			return err
		})
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
	trusted, err := loadIdentity(tx, d)
	switch {
	case err != nil:
		return err
	case trusted == nil:
		tx.Put(store.Identities, string(d), append([]byte(nil), key[:]...))
	case string(trusted) != string(key[:]): // public: identity keys
		return status.New(status.UntrustedIdentity, "the device's identity key changed")
	}
	return nil
}

// changeRecord runs work on a device's session record and stages it.
func changeRecord(tx *store.Tx, d Device, work func(r *record) error) error {
	encoded, stale, err := tx.Read(store.Sessions, string(d))
	if err != nil {
		return err
	}
	defer secret.Wipe(encoded)
	r := newRecord()
	defer r.release()
	err = erasing(func() error {
		if err := r.decodeStored(encoded, stale); err != nil {
			return err
		}
		return work(r)
	})
	if err == nil {
		r.stage(tx, d)
	}
	return err
}

// Check returns nil if a message could be sealed for the device. Errors: NO_SESSION,
// STORE, STORE_CORRUPT.
func Check(s *store.Store, a Address) error {
	return Within(s, []Address{a}, nil, func(tx *store.Tx, devices []Device) error {
		trusted, err := loadIdentity(tx, devices[0])
		if err != nil {
			return err
		}
		encoded, stale, err := tx.Read(store.Sessions, string(devices[0]))
		if err != nil {
			return err
		}
		defer secret.Wipe(encoded)
		r := newRecord()
		defer r.release()
		return erasing(func() error {
			if err := r.decodeStored(encoded, stale); err != nil {
				return err
			}
			if err := r.canSeal(trusted, time.Now()); err != nil {
				return status.New(status.NoSession, "%v", err)
			}
			return nil
		})
	})
}

// Remove removes the sessions with a device, but not its identity key. There need not
// be any. Errors: STORE, STORE_CORRUPT.
func Remove(s *store.Store, a Address) error {
	return Within(s, []Address{a}, nil, func(tx *store.Tx, devices []Device) error {
		return remove(tx, store.Sessions, devices[0])
	})
}

// Export returns the device's session record in Signal's storage protobuf. It contains
// secrets. Errors: NO_SESSION, STORE, STORE_CORRUPT.
func Export(s *store.Store, a Address) (encoded []byte, err error) {
	err = Within(s, []Address{a}, nil, func(tx *store.Tx, devices []Device) error {
		secret.Wipe(encoded) // of a run that lost a race with another process
		var stale bool
		encoded, stale, err = tx.Read(store.Sessions, string(devices[0]))
		if err == nil && len(encoded) == 0 {
			err = status.New(status.NoSession, "no session with the device")
		}
		if err == nil && stale {
			encoded, err = markStale(encoded)
		}
		return err
	})
	if err != nil {
		secret.Wipe(encoded)
		return nil, err
	}
	return encoded, nil
}

// markStale returns the record with sessions that may not seal. It wipes encoded.
func markStale(encoded []byte) (marked []byte, err error) {
	defer secret.Wipe(encoded)
	r := newRecord()
	defer r.release()
	err = erasing(func() error {
		if err := r.decodeStored(encoded, true); err != nil {
			return err
		}
		marked = r.encode(make([]byte, 0, r.sizeHint()))
		return nil
	})
	return marked, err
}

// Import replaces the device's session record with one that Export or another Signal
// client wrote: the storage protobuf, or the JSON of the Go library. The identity key of
// its newest session is trusted if the device had none. Errors: MALFORMED, UNSUPPORTED,
// INVALID_KEY, UNTRUSTED_IDENTITY, STORE, STORE_CORRUPT.
func Import(s *store.Store, a Address, encoded []byte) error {
	r := newRecord()
	defer r.release()
	err := erasing(func() error {
		decode := r.decode
		if isJSON(encoded) {
			decode = r.decodeJSON
		}
		if err := decode(encoded); err != nil {
			return err
		}
		r.distinct()
		return r.check()
	})
	if err != nil {
		return err
	}
	return Within(s, []Address{a}, nil, func(tx *store.Tx, devices []Device) error {
		if err := trust(tx, devices[0], &r.states()[0].remoteIdentity); err != nil {
			return err
		}
		r.stage(tx, devices[0])
		return nil
	})
}

// check rejects an imported record with keys that no honest client has.
func (r *record) check() error {
	states := r.states()
	if len(states) == 0 {
		return malformed("session record has no session")
	}
	for _, s := range states {
		if err := curve.Validate(&s.remoteIdentity); err != nil {
			return status.New(status.InvalidKey, "session record's identity key: %v", err)
		}
		var public [32]byte
		curve.Public(&public, &s.sender.private)
		if public != s.sender.public { // public: sent in messages
			return malformed("session record's ratchet key pair does not match")
		}
	}
	return nil
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
		tx.Put(store.Identities, string(devices[0]), append([]byte(nil), key[:]...))
		return nil
	})
}
