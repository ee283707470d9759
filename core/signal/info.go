package signal

import (
	"time"

	"libcallkey/core/secret"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Info is what a session record says, without its secrets. Flags, identity and registration are
// those of the newest session, which seals if any does.
type Info struct {
	RegistrationID uint32
	IdentityKey    [32]byte
	Begun          int64 // Unix seconds while unacknowledged, else 0: Signal's record does not keep it
	CanSeal        bool
	Unacknowledged bool
	Stale          bool
	Archived       int
	KeptKeys       int // of skipped messages, in all sessions
}

// InfoOf describes the session with a device. Errors: NO_SESSION, STORE, STORE_CORRUPT,
// UNSUPPORTED.
func InfoOf(s *store.Store, a Address) (info Info, err error) {
	err = Within(s, []Address{a}, nil, func(tx *store.Tx, devices []Device) error {
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
			info, err = r.info(trusted, time.Now())
			return err
		})
	})
	return info, err
}

// info describes the record. trusted is the identity key in the store for the device.
func (r *record) info(trusted []byte, now time.Time) (info Info, err error) {
	states := r.states()
	if len(states) == 0 {
		return info, status.New(status.NoSession, "no session with the device")
	}
	newest := states[0]
	info = Info{
		RegistrationID: newest.remoteRegistration,
		IdentityKey:    newest.remoteIdentity,
		CanSeal:        r.canSeal(trusted, now) == nil,
		Unacknowledged: newest.pending.unacknowledged,
		Stale:          newest.stale,
		Archived:       len(r.archived),
	}
	if info.Unacknowledged {
		info.Begun = newest.pending.since
	}
	for _, s := range states {
		for i := range s.receivers {
			info.KeptKeys += len(s.receivers[i].skipped)
		}
	}
	return info, nil
}
