package session

import (
	"errors"

	"libcallkey/core/secret"
)

// Row is a record as a store keeps it: its session row, or none, and if it was read its archive row.
// A warm message reads, advances and writes it inside one secret.Do, with the memory of the results
// made before: an allocation inside costs about a microsecond.
type Row struct {
	// Record is the caller's, for the record: empty, or Ready. Without it one is used for each call.
	Record *Record
	Ready  bool // it has what the session row says: the next two are not read

	Session []byte
	Stale   bool // from an old copy of the store: its sessions open messages and seal none

	Read         bool // the archive row too, so that the next two are set
	Archive      []byte
	ArchiveStale bool

	Room []byte // memory for the next session row, if it is enough

	Now    int64 // Unix seconds
	Random Random
}

// ErrArchive is the error of a message that the session row can't open alone: read the archive row
// and try again.
var ErrArchive = errors.New("the archive of the session is needed")

// UnreadableError is the error of a Row that does not decode. It has Decode's status.
type UnreadableError struct{ error }

// Unwrap returns Decode's error.
func (e UnreadableError) Unwrap() error { return e.error }

// Wipe clears what was read.
func (row Row) Wipe() {
	secret.Wipe(row.Session)
	secret.Wipe(row.Archive)
}

// Seal makes the next message of the current session, and the next rows. trusted is CanSeal's.
// Errors: UnreadableError, NO_SESSION, UNTRUSTED_IDENTITY.
func (row Row) Seal(plaintext, trusted []byte) (next Rows, c Ciphertext, err error) {
	wire := newWire(plaintext)
	next, err = row.advance(sealGrowth, func(r *Record) (err error) {
		c, err = r.seal(wire, plaintext, trusted, row.Now)
		return err
	})
	return next, c, err
}

// SealWritten is Seal of a plaintext of size bytes that write makes in the same secret.Do: so it is
// never outside of one. It returns an error of write, and then changes nothing.
func (row Row) SealWritten(size int, write func(plaintext []byte) error, trusted []byte) (next Rows, c Ciphertext, err error) {
	room := messageRoom + size
	memory := make([]byte, room+size)
	wire, plaintext := memory[:0:room], memory[room:]
	next, err = row.advance(sealGrowth, func(r *Record) (err error) {
		defer clear(plaintext)
		if err := write(plaintext); err != nil {
			return err
		}
		c, err = r.seal(wire, plaintext, trusted, row.Now)
		return err
	})
	return next, c, err
}

// Open opens a plain message of a session that the row has, and makes the next rows. trusted is
// the identity key that is known for the device. The caller wipes the plaintext.
// Errors: ErrArchive, UnreadableError, and those of Record.Open.
func (row Row) Open(in *Incoming, trusted []byte, left *Budget) (next Rows, plaintext []byte, err error) {
	in.message.reserve()
	next, err = row.advance(openGrowth, func(r *Record) (err error) {
		plaintext, err = in.read(r.open(r.states(), &in.message, trusted, left, row.Random))
		return err
	})
	return next, plaintext, err
}

// What the row of a Ready record grows by at most: a counter by a digit, or by a chain and what it
// makes of the counters. Only a message that skips many needs more, and makes it.
const (
	sealGrowth = 4
	openGrowth = receiverMax + awayMax + 16
)

// advance leaves a Record of the caller's as next says it, after an error of work as it was read.
// growth is for the row of a record that is Ready.
func (row Row) advance(growth int, work func(r *Record) error) (next Rows, err error) {
	r := row.Record
	if r == nil {
		r = NewRecord()
		defer r.Release()
	}
	room := roomFor(row.Session)
	if row.Ready {
		room = r.sessionHint() + growth
	}
	session := atLeast(row.Room, min(room, sessionMax))
	var archive []byte
	switch {
	case row.Archive != nil:
		archive = make([]byte, 0, roomFor(row.Archive))
	case len(row.Session) > sessionMax: // it is whole, and becomes two
		archive = make([]byte, 0, roomFor(row.Session))
	}
	err = erasing(func() error {
		if err := row.decode(r); err != nil {
			return UnreadableError{err}
		}
		if err := work(r); err != nil {
			return err
		}
		next = r.rows(session, archive, row.Random)
		return nil
	})
	return next, err
}

func (row Row) decode(r *Record) error {
	if !row.Ready {
		if err := r.decodeSession(row.Session, row.Now); err != nil {
			return err
		}
		if row.Stale {
			r.Restored()
		}
	}
	if !row.Read || !r.apart {
		return nil
	}
	return r.decodeArchive(row.Archive, row.ArchiveStale, row.Now)
}

// advance decodes a whole record, runs work on it and encodes what it became, in one secret.Do.
func advance(record []byte, now int64, work func(r *Record) error) (next []byte, err error) {
	r := NewRecord()
	defer r.Release()
	room := make([]byte, 0, roomFor(record))
	err = erasing(func() error {
		if err := r.decodeWhole(record, now); err != nil {
			return err
		}
		if err := work(r); err != nil {
			return err
		}
		next = r.encoded(room)
		return nil
	})
	return next, err
}

// roomFor is the memory for a record after an ordinary message, by its size before: a skipped key
// and a state are made with up to a sixth more than they need, and there may be a chain more.
func roomFor(record []byte) int { return len(record) + len(record)/6 + 256 }
