package signal

import (
	"math"
	"time"

	"libcallkey/core/secret"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// maxUnacknowledged is the time limit for a session that the peer never answered. By
// then the other side has deleted its prekeys.
const maxUnacknowledged = 30 * 24 * time.Hour

// Ciphertext is a sealed message.
type Ciphertext struct {
	Bytes  []byte
	Prekey bool // a PreKeySignalMessage
	// Body is the number of bytes in the encrypted body: a whole number of 16-byte
	// blocks, the plaintext and at least one byte of padding.
	Body int
}

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

// Encrypt seals plaintext for a device of Within and stages the advanced session.
// Errors: NO_SESSION, UNTRUSTED_IDENTITY, STORE, STORE_CORRUPT.
func Encrypt(tx *store.Tx, d Device, plaintext []byte) (c Ciphertext, err error) {
	encoded, stale, err := tx.Read(store.Sessions, string(d))
	if err != nil {
		return c, err
	}
	defer secret.Wipe(encoded)
	trusted, err := loadIdentity(tx, d)
	if err != nil {
		return c, err
	}
	r := newRecord()
	defer r.release()
	wire := make([]byte, 0, messageRoom+len(plaintext))
	err = erasing(func() error {
		if err := r.decodeStored(encoded, stale); err != nil {
			return err
		}
		if err := r.canSeal(trusted, time.Now()); err != nil {
			return err
		}
		c = r.seal(wire, plaintext)
		return nil
	})
	if err != nil {
		return Ciphertext{}, err
	}
	r.stage(tx, d)
	return c, nil
}

// decodeStored is decode for our own rows. A missing row is an empty record. stale: the
// row was written before the store was opened as an old copy, so its sessions may not
// seal.
func (r *record) decodeStored(encoded []byte, stale bool) error {
	if err := r.decode(encoded); err != nil {
		return storedError("sessions", err)
	}
	if stale {
		for _, s := range r.states() {
			s.stale = true
		}
	}
	return nil
}

// canSeal returns nil if the current session may be used. trusted is the identity key
// in the store for the device.
func (r *record) canSeal(trusted []byte, now time.Time) error {
	s := r.current
	switch {
	case s == nil:
		return status.New(status.NoSession, "no session with the device")
	case string(trusted) != string(s.remoteIdentity[:]): // public: identity keys
		return status.New(status.UntrustedIdentity, "the session's identity key is not the trusted one")
	case s.stale:
		return status.New(status.NoSession, "the session is from an old copy of the store: begin a new one to seal")
	case s.pending.unacknowledged && now.Sub(time.Unix(s.pending.since, 0)) > maxUnacknowledged:
		return status.New(status.NoSession, "the session was not answered for 30 days")
	case s.sender.chain.index == math.MaxUint32:
		return status.New(status.NoSession, "the session's sending chain is used up")
	}
	return nil
}

// seal makes the next message of the current session, in wire if that has the capacity.
func (r *record) seal(wire, plaintext []byte) Ciphertext {
	s := r.current
	keys := s.sender.chain.messageKeys()
	wire, body := buildMessage(wire, s, &keys, plaintext)
	s.sender.chain.step()
	keys.wipe()
	if !s.pending.unacknowledged {
		return Ciphertext{wire, false, body}
	}
	return Ciphertext{buildPrekeyMessage(s, wire), true, body}
}
