package offer

import (
	"libcallkey/core/callkey"
	"libcallkey/core/envelope"
	"libcallkey/core/secret"
	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// SealEnc seals a call key for one device. capacity is the caller's room for the ciphertext
// in bytes; below 0 means no limit. If the ciphertext could be longer, the error is BUFFER,
// a *status.BufferError, and nothing changed.
//
// Errors: KEY_LENGTH, INVALID_KEY (32 zero bytes), ARGUMENT (jid), BUFFER, NO_SESSION,
// UNTRUSTED_IDENTITY, STORE, STORE_CORRUPT.
func SealEnc(s *store.Store, jid string, key []byte, capacity int) (ciphertext []byte, t stanza.EncType, err error) {
	if err := callkey.CheckGiven("call key", key); err != nil {
		return nil, 0, err
	}
	one := keyMessage{key: key}
	if one.to[0], err = named(jid); err != nil {
		return nil, 0, err
	}
	var c session.Ciphertext
	err = signal.WithinNamed(s, one.to[:], nil, func(tx *store.Tx, devices []signal.Device) (err error) {
		if c, err = one.seal(tx, devices[0]); err != nil {
			return err
		}
		return status.Fits(len(c.Bytes)+sealedBody-c.Body, capacity, "bytes")
	})
	if err != nil {
		return nil, 0, err
	}
	return c.Bytes, encType(c), nil
}

// keyWriter writes the plaintext of a key where it is sealed.
type keyWriter []byte

func (key keyWriter) WritePlaintext(plaintext []byte) error { return envelope.Write(plaintext, key) }

// keyMessage is the message of a key for one device: what a call needs on the heap, in one piece.
type keyMessage struct {
	key keyWriter
	to  [1]signal.Device
}

// seal seals the key for the device that the name means.
func (m *keyMessage) seal(tx *store.Tx, d signal.Device) (session.Ciphertext, error) {
	var length [1]byte
	envelope.Lengths(length[:])
	return signal.Encrypt(tx, d, session.Plaintext{Size: int(length[0]), Writer: &m.key})
}

// keyMessages are the messages of one key for the devices of a list. Each gets its own padding.
type keyMessages struct {
	list    *fanOut
	key     keyWriter
	lengths []byte
	session.Memory
	sealed func(at int, c session.Ciphertext) error // at is the place of the JID
}

// sealKey seals the key for every device once, into memory. A device for which sealed returns an error has its
// status, and its ratchet does not move. The statuses and the error are those of each.
func (f *fanOut) sealKey(tx *store.Tx, devices []signal.Device, key []byte, memory session.Memory, sealed func(at int, c session.Ciphertext) error) ([]status.Code, error) {
	m := &keyMessages{f, key, make([]byte, len(devices)), memory, sealed}
	envelope.Lengths(m.lengths)
	return f.encrypt(tx, devices, m)
}

func (m *keyMessages) Plaintext(i int) session.Plaintext {
	return session.Plaintext{Size: int(m.lengths[i]), Writer: &m.key}
}

func (m *keyMessages) Sealed(i int, c session.Ciphertext) error { return m.sealed(m.list.at(i), c) }

// OpenEnc opens a ciphertext of SealEnc from the device jid. version is the enc's: 2
// (padded plaintext) or 3. Nothing changes unless it returns a key.
//
// Errors: ARGUMENT (jid), MALFORMED, UNSUPPORTED (type, version, message), INVALID_KEY (a
// public key in it, or the sender's key is 32 zero bytes), AUTHENTICATION, DUPLICATE,
// TOO_FAR, NO_SESSION, NO_PREKEY, NO_IDENTITY, UNTRUSTED_IDENTITY, KEY_LENGTH (the
// sender's key is not 32 bytes), STORE, STORE_CORRUPT.
func OpenEnc(s *store.Store, out *[callkey.Bytes]byte, jid string, t stanza.EncType, version uint32, ciphertext []byte) error {
	clear(out[:])
	name, err := named(jid)
	if err != nil {
		return err
	}
	in, err := parse(t, version, ciphertext)
	if err != nil {
		return err
	}
	return in.open(s, out, name)
}

// received is an <enc> that parsed and was not looked up yet.
type received struct {
	message signal.Incoming
	version uint32
	from    [1]signal.Device // memory for the name of one device

	// Of the running work. The key goes straight to the caller's memory. On our stack a copy would
	// stay behind if the commit needs a larger stack.
	out  *[callkey.Bytes]byte
	read bool // the plaintext, with this error
	err  error
}

func parse(t stanza.EncType, version uint32, ciphertext []byte) (*received, error) {
	if err := checkType(t); err != nil {
		return nil, err
	}
	if version != 2 && version != 3 {
		return nil, status.New(status.Unsupported, "enc_version %d is unknown", version)
	}
	in := &received{version: version}
	if err := in.message.Parse(t == stanza.EncPkmsg, ciphertext); err != nil {
		return nil, err
	}
	in.message.ReadBy(in)
	return in, nil
}

// ReadPlaintext reads the key.
func (in *received) ReadPlaintext(plaintext []byte) {
	in.read, in.err = true, envelope.Read(in.out, plaintext, in.version)
}

func checkType(t stanza.EncType) error {
	if t != stanza.EncMsg && t != stanza.EncPkmsg {
		return status.New(status.Unsupported, "enc_type is neither msg nor pkmsg")
	}
	return nil
}

// open opens it as a message from one device.
func (in *received) open(s *store.Store, out *[callkey.Bytes]byte, from signal.Device) error {
	in.from[0] = from
	return in.within(s, out, in.from[:], func(tx *store.Tx, devices []signal.Device) ([]byte, error) {
		return in.message.Decrypt(tx, devices[0])
	})
}

// within opens it with the result of decrypt for the devices that the names mean.
func (in *received) within(s *store.Store, out *[callkey.Bytes]byte, names []signal.Device, decrypt func(tx *store.Tx, devices []signal.Device) ([]byte, error)) error {
	in.out = out
	err := signal.WithinNamed(s, names, in.message.Locks(s), func(tx *store.Tx, devices []signal.Device) error {
		in.read = false
		plaintext, err := decrypt(tx, devices)
		if err != nil {
			return err
		}
		defer secret.Wipe(plaintext)
		if !in.read { // the store had kept it
			return envelope.Decode(out, plaintext, in.version)
		}
		return in.err
	})
	if err != nil {
		clear(out[:])
	}
	return err
}
