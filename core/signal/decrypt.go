package signal

import (
	"strconv"

	"libcallkey/core/secret"
	"libcallkey/core/session"
	"libcallkey/core/store"
)

// MaxKeyMessageBytes is the limit of a call key's message. It has about a hundred bytes; the
// rest allows for fields that a sender may add to the plaintext.
const MaxKeyMessageBytes = 64 << 10

// content is what the app opens a message for. A message opens for one of them only.
type content uint32

const (
	aKey      content = 0 // a call key or an epoch
	aMessage  content = 1 // any other message of the app
	noContent content = 2 // and up: of a newer library
)

func (c content) String() string {
	if c == aKey {
		return "a call key"
	}
	return "a message of the app"
}

// Incoming is a message that parsed and was not looked up yet.
type Incoming struct {
	content content
	message session.Incoming
	first   *session.First // nil: a plain SignalMessage
	bytes   []byte         // all of it
	left    session.Budget // of the running work
}

// Parse reads a SignalMessage, or with prekey a PreKeySignalMessage, that is to hold a call
// key or an epoch. The result refers to b. Errors: MALFORMED, UNSUPPORTED.
func Parse(prekey bool, b []byte) (*Incoming, error) {
	in := new(Incoming)
	if err := in.Parse(prekey, b); err != nil {
		return nil, err
	}
	return in, nil
}

// Parse is the function Parse for an empty Incoming.
func (in *Incoming) Parse(prekey bool, b []byte) error {
	if len(b) > MaxKeyMessageBytes {
		return malformed("message is over 64 KiB: too long for one with a call key")
	}
	return in.parse(prekey, b, aKey)
}

// ParseMessage is Parse for any other message of the app.
func ParseMessage(prekey bool, b []byte) (*Incoming, error) {
	in := new(Incoming)
	if err := in.parse(prekey, b, aMessage); err != nil {
		return nil, err
	}
	return in, nil
}

func (in *Incoming) parse(prekey bool, b []byte, holds content) error {
	in.content, in.bytes = holds, b
	if err := in.message.Parse(prekey, b); err != nil {
		return err
	}
	if prekey {
		first, _ := in.message.First()
		in.first = &first
	}
	return nil
}

// ReadBy makes r read the plaintext inside the secret.Do that opens the message, each time that this
// succeeds. A message that the store kept is not opened again.
func (in *Incoming) ReadBy(r session.Reader) { in.message.Reader = r }

// Locks returns the locks that Within must take besides the sender's: that of the one-time
// prekey of a first message, or without one that of the base key, because two senders could
// use it at once; and that of the messages that s keeps.
func (in *Incoming) Locks(s *store.Store) (names []string) {
	switch {
	case in.first == nil:
	case in.first.PrekeyID == 0:
		names = append(names, bucketOf(in.first).lock())
	default:
		names = append(names, "prekey "+prekeyName(in.first.PrekeyID))
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
	in.left = session.MessageBudget
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
	if in.first != nil {
		return in.decryptPrekey(tx, d)
	}
	w, err := loadWarm(tx, d)
	if err != nil {
		return nil, err
	}
	defer w.wipe()
	next, plaintext, err := w.row.Open(&in.message, w.kept.trusted, &in.left)
	if err == session.ErrArchive {
		if err := w.loadArchive(tx); err != nil {
			return nil, err
		}
		next, plaintext, err = w.row.Open(&in.message, w.kept.trusted, &in.left)
	}
	if err != nil {
		return nil, w.refused(tx, err)
	}
	w.stage(tx, next)
	return plaintext, nil
}

// decryptPrekey opens a prekey message, in its session or as the first of one.
func (in *Incoming) decryptPrekey(tx *store.Tx, d Device) (plaintext []byte, err error) {
	r, err := in.loadRecord(tx, d)
	if err != nil {
		return nil, err
	}
	defer r.Release()
	trusted, err := loadIdentity(tx, d)
	if err != nil {
		return nil, err
	}
	begins := !r.Has(&in.message)
	var used *baseKeys
	if begins && in.first.PrekeyID == 0 {
		if used, err = loadBaseKeys(tx, in.first, d); err != nil {
			return nil, err
		}
	}
	if err := in.message.Trusted(trusted); err != nil {
		return nil, err
	}
	if begins {
		return in.decryptFirst(tx, d, r, used)
	}
	plaintext, err = r.Open(&in.message, trusted, &in.left, session.System)
	if err == session.ErrArchive {
		if err := addArchive(tx, d, r); err != nil {
			return nil, err
		}
		plaintext, err = r.Open(&in.message, trusted, &in.left, session.System)
	}
	if err != nil {
		return nil, err
	}
	stage(tx, d, r)
	return plaintext, nil
}

// loadRecord returns a device's record with its archive, unless the current session is that of the
// prekey message's handshake. Release it.
func (in *Incoming) loadRecord(tx *store.Tx, d Device) (*session.Record, error) {
	r, err := loadSession(tx, d)
	if err != nil || r.Has(&in.message) {
		return r, err
	}
	if err := addArchive(tx, d, r); err != nil {
		r.Release()
		return nil, err
	}
	return r, nil
}

// decryptFirst begins the session that a prekey message proposes. used are the base keys
// to which it adds its own, if it names no one-time prekey.
func (in *Incoming) decryptFirst(tx *store.Tx, d Device, r *session.Record, used *baseKeys) (plaintext []byte, err error) {
	if err := in.message.CheckBaseKey(); err != nil {
		return nil, err
	}
	own, err := loadAccount(tx)
	if err != nil {
		return nil, err
	}
	defer own.Wipe()
	signedPrekey, err := loadPrekey(tx, store.SignedPrekeys, in.first.SignedPrekeyID)
	if err != nil {
		return nil, err
	}
	defer clear(signedPrekey[:])
	var prekey *[32]byte
	if in.first.PrekeyID != 0 {
		if prekey, err = loadPrekey(tx, store.Prekeys, in.first.PrekeyID); err != nil {
			return nil, err
		}
		defer clear(prekey[:])
	}
	plaintext, err = r.OpenFirst(&in.message, &own.Account, signedPrekey, prekey, &in.left, session.System)
	if err != nil {
		return nil, err
	}
	stage(tx, d, r)
	tx.Put(store.Identities, string(d), append([]byte(nil), in.first.Identity[:]...))
	if in.first.PrekeyID != 0 {
		tx.Delete(store.Prekeys, prekeyName(in.first.PrekeyID))
	} else {
		used.remember(tx)
	}
	return plaintext, nil
}
