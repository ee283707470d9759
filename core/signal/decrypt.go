package signal

import (
	"strconv"

	"libcallkey/core/curve"
	"libcallkey/core/secret"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Incoming is a message that parsed and was not looked up yet.
type Incoming struct {
	message *message
	prekey  *prekeyMessage // nil: a plain SignalMessage
	bytes   []byte         // all of it
	left    budget         // of the running work
}

// Parse reads a SignalMessage, or with prekey a PreKeySignalMessage. The result
// refers to b. Errors: MALFORMED, UNSUPPORTED.
func Parse(prekey bool, b []byte) (*Incoming, error) {
	if !prekey {
		m, err := parseMessage(b)
		if err != nil {
			return nil, err
		}
		return &Incoming{message: m, bytes: b}, nil
	}
	p, err := parsePrekeyMessage(b)
	if err != nil {
		return nil, err
	}
	return &Incoming{message: p.message, prekey: p, bytes: b}, nil
}

// Locks returns the locks that Within must take besides the sender's: that of the one-time
// prekey of a first message, or without one that of the base key, because two senders could
// use it at once; and that of the messages that s keeps.
func (in *Incoming) Locks(s *store.Store) (names []string) {
	switch {
	case in.prekey == nil:
	case in.prekey.prekeyID == 0:
		names = append(names, bucketOf(in.prekey).lock())
	default:
		names = append(names, "prekey "+prekeyName(in.prekey.prekeyID))
	}
	if s.Options().KeepOpened {
		names = append(names, keptLock)
	}
	return names
}

func prekeyName(id uint32) string { return strconv.FormatUint(uint64(id), 10) }

// Decrypt opens the message as one from a device of Within, and stages the advanced session
// and, for a first message, the sender's identity and the use of the one-time prekey or the
// base key. The caller wipes the plaintext. If the store keeps opened messages, a kept
// message opens again and nothing changes.
//
// Errors: MALFORMED, INVALID_KEY, AUTHENTICATION, DUPLICATE, TOO_FAR, NO_SESSION,
// NO_PREKEY, NO_IDENTITY, UNTRUSTED_IDENTITY, STORE, STORE_CORRUPT.
func (in *Incoming) Decrypt(tx *store.Tx, d Device) (plaintext []byte, err error) {
	in.left = messageBudget
	return in.openFrom(tx, d)
}

func (in *Incoming) openFrom(tx *store.Tx, d Device) (plaintext []byte, err error) {
	if plaintext, err = in.kept(tx, d); plaintext != nil || err != nil {
		return plaintext, err
	}
	if plaintext, err = in.decrypt(tx, d); err != nil {
		return nil, err
	}
	if err := in.keep(tx, d, plaintext); err != nil {
		secret.Wipe(plaintext)
		return nil, err
	}
	return plaintext, nil
}

func (in *Incoming) decrypt(tx *store.Tx, d Device) (plaintext []byte, err error) {
	encoded, stale, err := tx.Read(store.Sessions, string(d))
	if err != nil {
		return nil, err
	}
	defer secret.Wipe(encoded)
	trusted, err := loadIdentity(tx, d)
	if err != nil {
		return nil, err
	}
	r := newRecord()
	defer r.release()
	if err := erasing(func() error { return r.decodeStored(encoded, stale) }); err != nil {
		return nil, err
	}
	if in.prekey == nil {
		return in.decryptIn(tx, d, r, r.states(), trusted)
	}
	known := in.prekey.statesOf(r)
	var used *baseKeys
	if len(known) == 0 && in.prekey.prekeyID == 0 {
		if used, err = loadBaseKeys(tx, in.prekey, d); err != nil {
			return nil, err
		}
	}
	if err := in.prekey.trusted(trusted); err != nil {
		return nil, err
	}
	if len(known) > 0 {
		return in.decryptIn(tx, d, r, known, trusted)
	}
	return in.decryptFirst(tx, d, r, used)
}

// trusted rejects a sender if its identity key is not the one in the store.
func (p *prekeyMessage) trusted(trusted []byte) error {
	if trusted == nil {
		if err := curve.Validate(&p.identity); err != nil {
			return status.New(status.InvalidKey, "sender's identity key: %v", err)
		}
		return nil
	}
	if string(trusted) != string(p.identity[:]) { // public: identity keys
		return status.New(status.UntrustedIdentity, "the sender's identity key changed")
	}
	return nil
}

// statesOf returns the states of the message's handshake: the sender repeats it until
// it sees an answer.
func (p *prekeyMessage) statesOf(r *record) []*state {
	var known []*state
	for _, s := range r.states() {
		if s.baseKey == p.baseKey && s.remoteIdentity == p.identity { // public: they came with the message
			known = append(known, s)
		}
	}
	return known
}

// decryptIn opens with one of the states and stages the record.
func (in *Incoming) decryptIn(tx *store.Tx, d Device, r *record, states []*state, trusted []byte) (plaintext []byte, err error) {
	err = erasing(func() error {
		from, next, opened, err := open(states, in.message, &in.left)
		if err != nil {
			return err
		}
		if string(trusted) != string(next.remoteIdentity[:]) { // public: identity keys
			clear(opened)
			next.wipe()
			return status.New(status.UntrustedIdentity, "the session's identity key is not the trusted one")
		}
		turned := next.sender.public != from.sender.public // public: ratchet keys
		r.promote(from, next)
		from.wipe()
		if turned && r.current == next {
			r.settle()
		}
		plaintext = opened
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.stage(tx, d)
	return plaintext, nil
}

// decryptFirst begins the session that a prekey message proposes. used are the base keys
// to which it adds its own, if it names no one-time prekey.
func (in *Incoming) decryptFirst(tx *store.Tx, d Device, r *record, used *baseKeys) (plaintext []byte, err error) {
	p := in.prekey
	if err := curve.Validate(&p.baseKey); err != nil {
		return nil, status.New(status.InvalidKey, "message's base key: %v", err)
	}
	own, err := loadAccount(tx)
	if err != nil {
		return nil, err
	}
	defer own.wipe()
	signedPrekey, err := loadPrekey(tx, store.SignedPrekeys, p.signedPrekeyID)
	if err != nil {
		return nil, err
	}
	defer clear(signedPrekey[:])
	var prekey *[32]byte
	if p.prekeyID != 0 {
		if prekey, err = loadPrekey(tx, store.Prekeys, p.prekeyID); err != nil {
			return nil, err
		}
		defer clear(prekey[:])
	}
	err = erasing(func() error {
		s, err := respond(own, p, signedPrekey, prekey)
		if err != nil {
			return err
		}
		defer s.wipe()
		_, next, opened, err := open([]*state{s}, in.message, &in.left)
		if err != nil {
			return err
		}
		r.promote(s, next)
		plaintext = opened
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.stage(tx, d)
	tx.Put(store.Identities, string(d), append([]byte(nil), p.identity[:]...))
	if p.prekeyID != 0 {
		tx.Delete(store.Prekeys, prekeyName(p.prekeyID))
	} else {
		used.remember(tx)
	}
	return plaintext, nil
}
