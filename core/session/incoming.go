package session

import (
	"libcallkey/core/curve"
	"libcallkey/core/status"
)

// Incoming is a message that parsed and was not opened yet. What it says is not authenticated
// before it opens.
type Incoming struct {
	message message
	prekey  *prekeyMessage // nil: a plain SignalMessage

	// Reader, unless it is nil, reads the plaintext inside the secret.Do that opens the message, each
	// time that this succeeds.
	Reader Reader
}

// A Reader takes from a plaintext what it needs of it.
type Reader interface{ ReadPlaintext(plaintext []byte) }

// read lets the Reader read what was opened.
func (in *Incoming) read(plaintext []byte, err error) ([]byte, error) {
	if err == nil && in.Reader != nil {
		in.Reader.ReadPlaintext(plaintext)
	}
	return plaintext, err
}

// Parse reads a SignalMessage, or with prekey a PreKeySignalMessage. The result
// refers to b. Errors: MALFORMED, UNSUPPORTED.
func Parse(prekey bool, b []byte) (*Incoming, error) {
	in := new(Incoming)
	if err := in.Parse(prekey, b); err != nil {
		return nil, err
	}
	return in, nil
}

// Parse is the function Parse for an empty Incoming.
func (in *Incoming) Parse(prekey bool, b []byte) (err error) {
	if prekey {
		in.prekey = new(prekeyMessage)
		if b, err = in.prekey.parse(b); err != nil {
			return err
		}
	}
	return in.message.parse(b)
}

// First is what a prekey message says about the session that it begins.
type First struct {
	RegistrationID uint32
	PrekeyID       uint32 // 0: none
	SignedPrekeyID uint32
	Identity       [32]byte
	BaseKey        [32]byte
}

// First returns what a prekey message says; ok is false for a plain one.
func (in *Incoming) First() (f First, ok bool) {
	p := in.prekey
	if p == nil {
		return f, false
	}
	return First{p.registrationID, p.prekeyID, p.signedPrekeyID, p.identity, p.baseKey}, true
}

// Trusted rejects the sender of a prekey message if its identity key is not the trusted one,
// or, without a trusted one, if no honest device has such a key. A plain message names none.
// Errors: UNTRUSTED_IDENTITY, INVALID_KEY.
func (in *Incoming) Trusted(trusted []byte) error {
	p := in.prekey
	switch {
	case p == nil:
		return nil
	case trusted == nil:
		if err := curve.Validate(&p.identity); err != nil {
			return status.New(status.InvalidKey, "sender's identity key: %v", err)
		}
	case string(trusted) != string(p.identity[:]): // public: identity keys
		return status.New(status.UntrustedIdentity, "the sender's identity key changed")
	}
	return nil
}

// CheckBaseKey returns INVALID_KEY if no honest sender of a prekey message has its base key.
func (in *Incoming) CheckBaseKey() error {
	if err := curve.Validate(&in.prekey.baseKey); err != nil {
		return status.New(status.InvalidKey, "message's base key: %v", err)
	}
	return nil
}

// Has reports whether the record has a session of the message's handshake: the sender of a
// prekey message repeats it until it sees an answer. If the record is Apart, its archive may have
// one.
func (r *Record) Has(in *Incoming) bool { return in.prekey != nil && len(in.statesOf(r)) != 0 }

// statesOf lists the states that may have received the message: for a prekey message those of its
// handshake.
func (in *Incoming) statesOf(r *Record) []*state {
	p := in.prekey
	if p == nil {
		return r.states()
	}
	var known []*state
	for _, s := range r.states() {
		if s.baseKey == p.baseKey && s.remoteIdentity == p.identity { // public: they came with the message
			known = append(known, s)
		}
	}
	return known
}

// Open opens a message of a session that the record has, and advances the session. A prekey
// message opens only in the session of its handshake. trusted is the identity key that is known
// for the device. The caller wipes the plaintext. Nothing changes on an error.
// Errors: NO_SESSION, UNTRUSTED_IDENTITY, INVALID_KEY, AUTHENTICATION, DUPLICATE, TOO_FAR,
// MALFORMED; ErrArchive (the record is Apart: read its archive and try again).
func (r *Record) Open(in *Incoming, trusted []byte, left *Budget, random Random) (plaintext []byte, err error) {
	in.message.reserve()
	err = erasing(func() (err error) {
		plaintext, err = in.read(r.open(in.statesOf(r), &in.message, trusted, left, random))
		return err
	})
	return plaintext, err
}

func (r *Record) open(states []*state, m *message, trusted []byte, left *Budget, random Random) (plaintext []byte, err error) {
	if r.apart && !r.enough(m) {
		return nil, ErrArchive
	}
	from, next, plaintext, err := open(states, m, left, random, r.room())
	if err != nil && r.apart {
		return nil, ErrArchive // perhaps an archived state opens it
	}
	if err != nil {
		return nil, err
	}
	if string(trusted) != string(next.remoteIdentity[:]) { // public: identity keys
		clear(plaintext)
		next.wipe()
		return nil, status.New(status.UntrustedIdentity, "the session's identity key is not the trusted one")
	}
	turned := next.sender.public != from.sender.public // public: ratchet keys
	r.quiet = from == r.current && calmAfter(from, next)
	r.promote(from, next)
	from.wipe()
	if turned && r.current == next {
		r.settle()
	}
	return plaintext, nil
}

// OpenFirst begins the session that a prekey message proposes, and opens the message.
// signedPrekey and prekey are the private keys that the message names; prekey is nil if it
// names none. The program has seen to it that its sender is Trusted, that its CheckBaseKey is
// nil, and that this base key began no session before. Nothing changes on an error.
// Errors: INVALID_KEY, AUTHENTICATION, TOO_FAR, MALFORMED; ErrArchive (the record is Apart).
func (r *Record) OpenFirst(in *Incoming, own *Account, signedPrekey, prekey *[32]byte, left *Budget, random Random) (plaintext []byte, err error) {
	in.message.reserve()
	err = erasing(func() (err error) {
		plaintext, err = in.read(r.openFirst(in, own, signedPrekey, prekey, left, random))
		return err
	})
	return plaintext, err
}

func (r *Record) openFirst(in *Incoming, own *Account, signedPrekey, prekey *[32]byte, left *Budget, random Random) (plaintext []byte, err error) {
	if r.apart {
		return nil, ErrArchive
	}
	if err := curve.Validate(&in.message.ratchet); err != nil {
		return nil, status.New(status.InvalidKey, "message's ratchet key: %v", err)
	}
	var t turn
	defer t.wipe()
	s, err := respond(own, in, signedPrekey, prekey, random, &t)
	if err != nil {
		return nil, err
	}
	defer s.wipe()
	next, plaintext, err := s.openOnNewChain(&in.message, left, random, &t, r.room())
	if err != nil {
		return nil, err
	}
	r.promote(s, next)
	return plaintext, nil
}
