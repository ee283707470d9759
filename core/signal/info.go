package signal

import (
	"time"

	"libcallkey/core/session"
	"libcallkey/core/store"
)

// InfoOf describes the session with a device. Errors: NO_SESSION, STORE, STORE_CORRUPT,
// UNSUPPORTED.
func InfoOf(s *store.Store, a Address) (info session.Info, err error) {
	err = inspect(s, a, loadRecord, func(r *session.Record, trusted []byte) error {
		info, err = r.Info(trusted, time.Now().Unix())
		return err
	})
	return info, err
}

// inspect runs work on a device's record as load returns it, which it does not change, and the
// identity key that is trusted for the device.
func inspect(s *store.Store, a Address, load func(*store.Tx, Device) (*session.Record, error), work func(r *session.Record, trusted []byte) error) error {
	return Within(s, []Address{a}, nil, func(tx *store.Tx, devices []Device) error {
		trusted, err := loadIdentity(tx, devices[0])
		if err != nil {
			return err
		}
		r, err := load(tx, devices[0])
		if err != nil {
			return err
		}
		defer r.Release()
		return work(r, trusted)
	})
}
