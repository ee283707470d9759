package session

import (
	"math"

	"libcallkey/core/status"
)

// maxUnacknowledged is the time limit in seconds for a session that the peer never answered.
// By then the other side has deleted its prekeys.
const maxUnacknowledged = 30 * 24 * 60 * 60

// Ciphertext is a sealed message.
type Ciphertext struct {
	Bytes  []byte
	Prekey bool // a PreKeySignalMessage
	// Body is the number of bytes in the encrypted body: a whole number of 16-byte
	// blocks, the plaintext and at least one byte of padding.
	Body int
}

// CanSeal returns nil if the current session may be used. trusted is the identity key that is
// known for the device, nil if none is. now is in Unix seconds.
// Errors: NO_SESSION, UNTRUSTED_IDENTITY.
func (r *Record) CanSeal(trusted []byte, now int64) error {
	s := r.current
	switch {
	case s == nil:
		return status.New(status.NoSession, "no session with the device")
	case string(trusted) != string(s.remoteIdentity[:]): // public: identity keys
		return status.New(status.UntrustedIdentity, "the session's identity key is not the trusted one")
	case s.stale:
		return status.New(status.NoSession, "the session is from an old copy of the store: begin a new one to seal")
	case s.pending.unacknowledged && s.pending.since < now-maxUnacknowledged:
		return status.New(status.NoSession, "the session was not answered for 30 days")
	case s.sender.chain.index == math.MaxUint32:
		return status.New(status.NoSession, "the session's sending chain is used up")
	}
	return nil
}

// newWire is memory for the message of a plaintext.
func newWire(plaintext []byte) []byte { return make([]byte, 0, messageRoom+len(plaintext)) }

// seal makes the next message of the current session and advances it, in wire if that has the
// capacity: a prekey message needs that of both, one behind the other. trusted and now are CanSeal's. Errors: NO_SESSION, UNTRUSTED_IDENTITY.
func (r *Record) seal(wire, plaintext, trusted []byte, now int64) (c Ciphertext, err error) {
	if err := r.CanSeal(trusted, now); err != nil {
		return c, err
	}
	s := r.current
	keys := s.sender.chain.take()
	r.quiet = true
	wire, body := buildMessage(wire, s, &keys, plaintext)
	keys.wipe()
	if !s.pending.unacknowledged {
		return Ciphertext{wire, false, body}, nil
	}
	return Ciphertext{buildPrekeyMessage(wire[len(wire):], s, wire), true, body}, nil
}
