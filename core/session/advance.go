package session

import "libcallkey/core/status"

// A program that keeps its records itself, as bytes, advances them with these functions. Each
// takes a record and returns the next one, which the program commits before it lets a ciphertext
// or a plaintext go. Two calls on the same bytes both succeed; only one result may be committed.
//
// Decode reads the bytes: they are ours, or another client's storage protobuf. A record from
// elsewhere goes through MergeRecords once, which checks its keys too.

// Keys are what a program knows beside a record. A call reads only those that it needs.
type Keys struct {
	RegistrationID uint32    // of the own account
	Private        *[32]byte // its private identity key; nil: not given
	Identity       []byte    // the identity key that is trusted for the device; nil: none is
	Prekey         *[32]byte // the private one-time prekey that a first message names, or nil
	SignedPrekey   *[32]byte // the private signed prekey that a first message names, or nil
}

func (k *Keys) account() (*Account, error) {
	if k.Private == nil {
		return nil, status.New(status.NoIdentity, "a session begins, and no own account is given")
	}
	return OpenAccount(k.RegistrationID, k.Private)
}

// private returns a copy of one of the private prekeys. Errors: NO_PREKEY, INVALID_KEY.
func (k *Keys) private(what string, id uint32, key *[32]byte) (*[32]byte, error) {
	if key == nil {
		return nil, status.New(status.NoPrekey, "the message names %s %d, and its private key is not given", what, id)
	}
	own := new([32]byte)
	return own, given("private "+what, own, key)
}

// BeginRecord begins a session with the owner of a bundle. The session that was current still
// opens messages. record is empty if there was none; now is in Unix seconds.
// Errors: MALFORMED and UNSUPPORTED (record), NO_IDENTITY, INVALID_KEY, UNTRUSTED_IDENTITY.
func BeginRecord(record []byte, keys *Keys, b *Bundle, now int64, random Random) (next []byte, err error) {
	return advance(record, now, func(r *Record) error {
		own, err := keys.account()
		if err != nil {
			return err
		}
		defer own.Wipe()
		if err := b.Check(); err != nil {
			return err
		}
		if keys.Identity != nil && string(keys.Identity) != string(b.IdentityKey[:]) { // public: identity keys
			return status.New(status.UntrustedIdentity, "the bundle's identity key is not the trusted one")
		}
		return r.Begin(own, b, now, random)
	})
}

// SealRecord makes the next message of the record's current session.
// Errors: ARGUMENT (plaintext), MALFORMED and UNSUPPORTED (record), NO_SESSION,
// UNTRUSTED_IDENTITY.
func SealRecord(record []byte, keys *Keys, plaintext []byte, now int64) (next []byte, c Ciphertext, err error) {
	if len(plaintext) > MaxPlaintextBytes {
		return nil, c, status.New(status.Argument, "plaintext is longer than %d bytes", MaxPlaintextBytes)
	}
	wire := newWire(plaintext)
	next, err = advance(record, now, func(r *Record) (err error) {
		c, err = r.seal(wire, plaintext, keys.Identity, now)
		return err
	})
	return next, c, err
}

// OpenRecord opens a message, with prekey a PreKeySignalMessage, in one of the record's sessions
// or in the one that it begins. sender is the identity key that it is from. Without a trusted
// identity only a prekey message opens. The caller wipes the plaintext.
//
// Errors: MALFORMED, UNSUPPORTED, INVALID_KEY, AUTHENTICATION, DUPLICATE, TOO_FAR, NO_SESSION,
// NO_PREKEY, NO_IDENTITY, UNTRUSTED_IDENTITY.
func OpenRecord(record []byte, keys *Keys, prekey bool, ciphertext []byte, now int64, random Random) (next, plaintext []byte, sender [32]byte, err error) {
	in, err := Parse(prekey, ciphertext)
	if err != nil {
		return nil, nil, sender, err
	}
	in.message.reserve()
	next, err = advance(record, now, func(r *Record) (err error) {
		if plaintext, err = r.openFor(in, keys, random); err != nil {
			return err
		}
		if first, ok := in.First(); ok {
			sender = first.Identity
		} else {
			copy(sender[:], keys.Identity)
		}
		return nil
	})
	return next, plaintext, sender, err
}

func (r *Record) openFor(in *Incoming, keys *Keys, random Random) (plaintext []byte, err error) {
	left := MessageBudget
	if err := in.Trusted(keys.Identity); err != nil {
		return nil, err
	}
	first, ok := in.First()
	if ok && !r.Has(in) {
		return r.openFirstFor(in, &first, keys, &left, random)
	}
	trusted := keys.Identity
	if ok {
		trusted = first.Identity[:] // it was compared, or none is known
	}
	return r.open(in.statesOf(r), &in.message, trusted, &left, random)
}

func (r *Record) openFirstFor(in *Incoming, first *First, keys *Keys, left *Budget, random Random) (plaintext []byte, err error) {
	if err := in.CheckBaseKey(); err != nil {
		return nil, err
	}
	own, err := keys.account()
	if err != nil {
		return nil, err
	}
	defer own.Wipe()
	signedPrekey, err := keys.private("signed prekey", first.SignedPrekeyID, keys.SignedPrekey)
	if err != nil {
		return nil, err
	}
	defer clear(signedPrekey[:])
	var prekey *[32]byte
	if first.PrekeyID != 0 {
		if prekey, err = keys.private("one-time prekey", first.PrekeyID, keys.Prekey); err != nil {
			return nil, err
		}
		defer clear(prekey[:])
	}
	return r.openFirst(in, own, signedPrekey, prekey, left, random)
}

// RecordInfo describes a record. identity is the trusted identity key, nil if there is none.
// Errors: MALFORMED, UNSUPPORTED, NO_SESSION.
func RecordInfo(record, identity []byte, now int64) (info Info, err error) {
	r := NewRecord()
	defer r.Release()
	if err := r.Decode(record, now); err != nil {
		return info, err
	}
	return r.Info(identity, now)
}

// MergeRecords makes one record of two records of one device, as when two of its names turn out
// to be one. Where both have a session, the one that is further along stays. Either may be empty
// and either may be another program's: its keys are checked, and it may be the Go library's JSON.
// Errors: MALFORMED, UNSUPPORTED, INVALID_KEY, CONFLICT (different identities).
func MergeRecords(record, other []byte) (merged []byte, err error) {
	r := NewRecord()
	defer r.Release()
	for _, b := range [][]byte{record, other} {
		if len(b) == 0 {
			continue
		}
		var from Record
		if err := from.Import(b, 0, nil); err != nil {
			from.Wipe()
			return nil, err
		}
		if err := r.sameParties(&from); err != nil {
			from.Wipe()
			return nil, err
		}
		r.Merge(&from)
	}
	return r.Encode(), nil
}

// sameParties returns CONFLICT if the newest sessions of two records are not between the same
// two identities.
func (r *Record) sameParties(other *Record) error {
	states, others := r.states(), other.states()
	if len(states) == 0 || len(others) == 0 {
		return nil
	}
	if states[0].remoteIdentity != others[0].remoteIdentity || states[0].localIdentity != others[0].localIdentity { // public: identity keys
		return status.New(status.Conflict, "the records are of sessions between different identities")
	}
	return nil
}
