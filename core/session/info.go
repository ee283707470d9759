package session

import "libcallkey/core/status"

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

// Info describes the record. trusted and now are CanSeal's. Errors: NO_SESSION.
func (r *Record) Info(trusted []byte, now int64) (info Info, err error) {
	states := r.states()
	if len(states) == 0 {
		return info, status.New(status.NoSession, "no session with the device")
	}
	newest := states[0]
	info = Info{
		RegistrationID: newest.remoteRegistration,
		IdentityKey:    newest.remoteIdentity,
		CanSeal:        r.CanSeal(trusted, now) == nil,
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
