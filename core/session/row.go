package session

// Row is a record as a store keeps it: the output of EncodeSeeds, or none. A warm message reads,
// advances and writes it inside one secret.Do, with the memory of the results made before: an
// allocation inside costs about a microsecond.
type Row struct {
	Bytes []byte
	Stale bool  // from an old copy of the store: its sessions open messages and seal none
	Now   int64 // Unix seconds
}

// UnreadableError is the error of a Row that does not decode. It has Decode's status.
type UnreadableError struct{ error }

// Unwrap returns Decode's error.
func (e UnreadableError) Unwrap() error { return e.error }

// Seal makes the next message of the current session, and the next row. trusted is CanSeal's.
// Errors: UnreadableError, NO_SESSION, UNTRUSTED_IDENTITY.
func (row Row) Seal(plaintext, trusted []byte) (next []byte, c Ciphertext, err error) {
	wire := newWire(plaintext)
	next, err = row.advance(func(r *Record) (err error) {
		c, err = r.seal(wire, plaintext, trusted, row.Now)
		return err
	})
	return next, c, err
}

// Open opens a plain message of a session that the row has, and makes the next row. trusted is
// the identity key that is known for the device. The caller wipes the plaintext.
// Errors: UnreadableError, and those of Record.Open.
func (row Row) Open(in *Incoming, trusted []byte, left *Budget, random Random) (next, plaintext []byte, err error) {
	in.message.reserve()
	next, err = row.advance(func(r *Record) (err error) {
		plaintext, err = r.open(r.states(), in.message, trusted, left, random)
		return err
	})
	return next, plaintext, err
}

func (row Row) advance(work func(r *Record) error) (next []byte, err error) {
	decoded := false
	next, err = advance(row.Bytes, seeds, row.Now, func(r *Record) error {
		if decoded = true; row.Stale {
			r.Restored()
		}
		return work(r)
	})
	if err != nil && !decoded {
		err = UnreadableError{err}
	}
	return next, err
}

// advance decodes a record, runs work on it and encodes what it became, in one secret.Do.
func advance(record []byte, f form, now int64, work func(r *Record) error) (next []byte, err error) {
	r := NewRecord()
	defer r.Release()
	room := make([]byte, 0, roomFor(record))
	err = erasing(func() error {
		if err := r.decode(record, now); err != nil {
			return err
		}
		if err := work(r); err != nil {
			return err
		}
		next = r.encoded(room, f)
		return nil
	})
	return next, err
}

// roomFor is the memory for a record after an ordinary message, by its size before: a skipped key
// and a state are made with up to a sixth more than they need, and there may be a chain more.
func roomFor(record []byte) int { return len(record) + len(record)/6 + 256 }
