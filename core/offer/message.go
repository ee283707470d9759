package offer

import (
	"cmp"

	"libcallkey/core/secret"
	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// SealMessage seals any other message of the app in the device's session: a plaintext as it is,
// which the app padded if its protocol pads. capacity is as in SealEnc: what BUFFER tells is enough
// however far the session goes on meanwhile.
//
// Errors: ARGUMENT (jid, a plaintext above 2^24 bytes), BUFFER, NO_SESSION,
// UNTRUSTED_IDENTITY, STORE, STORE_CORRUPT.
func SealMessage(s *store.Store, jid string, plaintext []byte, capacity int) (ciphertext []byte, t stanza.EncType, err error) {
	if err := checkPlaintext(plaintext); err != nil {
		return nil, 0, err
	}
	name, err := named(jid)
	if err != nil {
		return nil, 0, err
	}
	var c session.Ciphertext
	fits := status.Fits(len(plaintext)+session.OverheadMaxBytes, capacity, "bytes")
	err = signal.WithinNamed(s, []signal.Device{name}, nil, func(tx *store.Tx, devices []signal.Device) (err error) {
		if fits != nil {
			return cmp.Or(signal.CanEncrypt(tx, devices[0]), fits)
		}
		c, err = signal.Encrypt(tx, devices[0], session.Plaintext{Bytes: plaintext})
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	return c.Bytes, encType(c), nil
}

func checkPlaintext(plaintext []byte) error {
	if len(plaintext) > session.MaxPlaintextBytes {
		return status.New(status.Argument, "plaintext is longer than %d bytes", session.MaxPlaintextBytes)
	}
	return nil
}

// maxMessagesBytes is the limit of what one batch could need: its ciphertexts are in memory at
// once.
const maxMessagesBytes = 1 << 28

// SealMessages is SealMessage for several devices, in one commit; plaintexts[i] is for jids[i]. A
// device that fails has no ciphertext, and one of the statuses of SealMessage, or DUPLICATE (named
// before, perhaps in another spelling). Nothing changed unless the error is nil.
//
// Errors: ARGUMENT (too many devices, plaintexts that could need more than 2^28 bytes together), NO_DEVICES (every
// device failed), BUFFER, STORE.
func SealMessages(s *store.Store, jids []string, plaintexts [][]byte, capacity int) (Batch, error) {
	f, err := newFanOut(jids)
	if err != nil {
		return Batch{}, err
	}
	needs := make([]int, len(jids))
	most := 0
	for i := range f.names {
		at := f.at(i)
		if err := checkPlaintext(plaintexts[at]); err != nil {
			f.leaveOut(i, status.Of(err))
			continue
		}
		needs[at] = len(plaintexts[at]) + session.OverheadMaxBytes
		if most += needs[at]; most > maxMessagesBytes {
			return Batch{}, status.New(status.Argument, "plaintexts could need more than %d bytes together", maxMessagesBytes)
		}
	}
	m := &messages{ownMemory{}, f, plaintexts, make([][]byte, len(jids)), make([]stanza.EncType, len(jids))}
	var codes []status.Code
	err = signal.WithinNamed(s, f.names, nil, func(tx *store.Tx, devices []signal.Device) (err error) {
		if status.Fits(most, capacity, "bytes") != nil { // perhaps enough without those that fail
			codes, err = f.each(tx, devices, func(part *store.Tx, d signal.Device, _ int) error {
				return signal.CanEncrypt(part, d)
			})
			if err != nil {
				return err
			}
			if err := cmp.Or(anySealed(codes), status.Fits(needed(codes, needs), capacity, "bytes")); err != nil {
				return err
			}
		}
		codes, err = f.encrypt(tx, devices, m)
		return cmp.Or(err, anySealed(codes))
	})
	if err != nil {
		return failed(codes, err)
	}
	return newBatch(codes, m.ciphertexts, m.types), nil
}

// messages are those of SealMessages, in the order of the JIDs.
type messages struct {
	ownMemory
	list        *fanOut
	plaintexts  [][]byte
	ciphertexts [][]byte
	types       []stanza.EncType
}

func (m *messages) Plaintext(i int) session.Plaintext {
	return session.Plaintext{Bytes: m.plaintexts[m.list.at(i)]}
}

func (m *messages) Sealed(i int, c session.Ciphertext) error {
	at := m.list.at(i)
	m.ciphertexts[at], m.types[at] = c.Bytes, encType(c)
	return nil
}

func anySealed(codes []status.Code) error { return anyOf(codes, "a message could not be sealed") }

// OpenMessage opens a ciphertext of SealMessage from the device jid. The caller wipes the
// plaintext. Nothing changes unless it returns one; BUFFER tells its length.
//
// Errors: ARGUMENT (jid), BUFFER, MALFORMED, UNSUPPORTED (type, message), INVALID_KEY (a
// public key in it), AUTHENTICATION, DUPLICATE, TOO_FAR, NO_SESSION, NO_PREKEY, NO_IDENTITY,
// UNTRUSTED_IDENTITY, STORE, STORE_CORRUPT.
func OpenMessage(s *store.Store, jid string, t stanza.EncType, ciphertext []byte, capacity int) (plaintext []byte, err error) {
	name, err := named(jid)
	if err != nil {
		return nil, err
	}
	if err := checkType(t); err != nil {
		return nil, err
	}
	in, err := signal.ParseMessage(t == stanza.EncPkmsg, ciphertext)
	if err != nil {
		return nil, err
	}
	err = signal.WithinNamed(s, []signal.Device{name}, in.Locks(s), func(tx *store.Tx, devices []signal.Device) (err error) {
		secret.Wipe(plaintext) // of a run that lost a race with another process
		if plaintext, err = in.Decrypt(tx, devices[0]); err != nil {
			return err
		}
		return status.Fits(len(plaintext), capacity, "bytes")
	})
	if err != nil {
		secret.Wipe(plaintext)
		return nil, err
	}
	return plaintext, nil
}
