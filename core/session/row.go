package session

import (
	"errors"

	"libcallkey/core/secret"
)

// Row is a record as a store keeps it: its session and chains rows, or none, and if it was read its archive
// row.
// A warm message reads, advances and writes it inside one secret.Do, with the memory of the results
// made before: an allocation inside costs about a microsecond.
type Row struct {
	// Record is the caller's, for the record: empty, or Ready. Without it one is used for each call.
	Record *Record
	Ready  bool // it has what these rows say: the next three are not read

	Session, Chains []byte
	Stale           bool // from an old copy of the store: its sessions open messages and seal none

	Read         bool // the archive row too, so that the next two are set
	Archive      []byte
	ArchiveStale bool

	Room []byte // memory for the next chains row, if it is enough

	Now    int64 // Unix seconds
	Random Random
}

// ErrArchive is the error of a message that the session and chains rows can't open alone: read the archive row
// and try again.
var ErrArchive = errors.New("the archive of the session is needed")

// UnreadableError is the error of a Row that does not decode. It has Decode's status.
type UnreadableError struct{ error }

// Unwrap returns Decode's error.
func (e UnreadableError) Unwrap() error { return e.error }

// Wipe clears what was read.
func (row Row) Wipe() {
	secret.Wipe(row.Session)
	secret.Wipe(row.Chains)
	secret.Wipe(row.Archive)
}

// Seal makes the next message of the current session, and the next rows. trusted is CanSeal's.
// Errors: UnreadableError, NO_SESSION, UNTRUSTED_IDENTITY, and the Writer's.
func (row Row) Seal(p Plaintext, trusted []byte) (next Rows, c Ciphertext, err error) {
	one := [1]Sealing{{Row: row, Trusted: trusted, Plaintext: p}}
	SealAll(one[:], nil)
	return one[0].Next, one[0].Ciphertext, one[0].Err
}

// Open opens a plain message of a session that the row has, and makes the next rows. trusted is
// the identity key that is known for the device. The caller wipes the plaintext.
// Errors: ErrArchive, UnreadableError, and those of Record.Open.
func (row Row) Open(in *Incoming, trusted []byte, left *Budget) (next Rows, plaintext []byte, err error) {
	if row.Record == nil {
		row.Record = NewRecord()
		defer row.Record.Release()
	}
	in.message.reserve()
	rows := row.reserve(row.Ready && row.Record.nextOf(&in.message))
	err = erasing(func() (err error) {
		next, err = row.advance(&rows, func(r *Record) (err error) {
			plaintext, err = in.read(r.open(r.states(), &in.message, trusted, left, row.Random))
			return err
		})
		return err
	})
	return next, plaintext, err
}

// chainGrowth is what a session row grows by at most: by a chain, and what it makes of the counters. Only a
// message that skips many needs more, and makes it.
const chainGrowth = receiverMax + awayMax + 16

// reserve makes memory for the next rows. calm: only the chains row is expected to change.
func (row *Row) reserve(calm bool) (rows nextRows) {
	rows.chains = atLeast(row.Room, chainsBytes)
	if calm {
		return rows
	}
	size := roomFor(row.Session)
	if row.Ready {
		size = row.Record.sessionHint() + chainGrowth
	}
	rows.session = make([]byte, 0, min(size, sessionMax))
	switch {
	case row.Archive != nil:
		rows.archive = make([]byte, 0, roomFor(row.Archive))
	case len(row.Session) > sessionMax: // it is whole, and becomes more than one
		rows.archive = make([]byte, 0, roomFor(row.Session))
	}
	return rows
}

// advance runs work on the record, which has one, inside secret.Do. It leaves the record as next says
// it, after an error of work as it was read.
func (row *Row) advance(rows *nextRows, work func(r *Record) error) (next Rows, err error) {
	r := row.Record
	if err := row.decode(r); err != nil {
		return next, UnreadableError{err}
	}
	r.quiet = false
	if err := work(r); err != nil {
		return next, err
	}
	return r.rows(rows, row.Random), nil
}

func (row *Row) decode(r *Record) error {
	if !row.Ready {
		if err := r.decodeSession(row.Session, row.Chains, row.Now); err != nil {
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
