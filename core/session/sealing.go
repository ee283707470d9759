package session

import "libcallkey/core/secret"

// A Plaintext is Bytes; or Size bytes that Writer makes inside the secret.Do that seals them, so that
// they are never outside of one.
type Plaintext struct {
	Bytes  []byte
	Size   int
	Writer Writer // nil: Bytes
}

// A Writer makes a plaintext that has the length asked for.
type Writer interface{ WritePlaintext(plaintext []byte) error }

func (p *Plaintext) size() int {
	if p.Writer != nil {
		return p.Size
	}
	return len(p.Bytes)
}

// A Sealing is one of the messages of SealAll, and what became of it.
type Sealing struct {
	Row       Row
	Trusted   []byte // CanSeal's
	Plaintext Plaintext

	// The results. The rows are zero after an error. Wipe them unless they are stored.
	Next       Rows
	Ciphertext Ciphertext
	Err        error // UnreadableError, NO_SESSION, UNTRUSTED_IDENTITY, or the Writer's

	lent    bool // Row.Record: the caller gave none
	rows    nextRows
	wire    []byte // memory for the message
	written []byte // and for what Writer makes
}

// Memory has room for ciphertexts.
type Memory interface {
	// Room returns n bytes that nobody else uses, whatever is in them.
	Room(n int) []byte
}

// SealAll makes the next message of each row's current session, and the next rows: all inside one
// secret.Do, which erases a whole stack and costs half as much as a message. One that fails changes
// nothing and leaves the others alone. No Record may be in two rows. Ciphertexts are in m, or in new
// memory if it is nil.
func SealAll(all []Sealing, m Memory) {
	defer func() {
		for i := range all {
			if s := &all[i]; s.lent {
				s.Row.Record.Release()
				s.Row.Record, s.lent = nil, false
			}
		}
	}()
	size := 0
	for i := range all {
		s := &all[i]
		if s.Row.Record == nil {
			s.Row.Record, s.lent = NewRecord(), true
		}
		s.rows = s.Row.reserve(s.Row.hasChains())
		wire, written := s.sizes()
		size += wire + written
	}
	memory := room(m, size)
	for i := range all {
		s := &all[i]
		wire, written := s.sizes()
		s.wire, s.written = memory[:0:wire], memory[wire:wire+written:wire+written]
		memory = memory[wire+written:]
	}
	secret.Do(func() {
		for i := range all {
			all[i].seal()
		}
	})
}

func room(m Memory, n int) []byte {
	if m == nil {
		return make([]byte, n)
	}
	return m.Room(n)
}

// sizes returns what the message needs, and what its plaintext does besides.
func (s *Sealing) sizes() (wire, written int) {
	size := s.Plaintext.size()
	wire = messageRoom + size
	if size <= 4096 && s.Row.maybeUnacknowledged() {
		wire += prekeyMessageRoom + wire
	}
	if s.Plaintext.Writer != nil {
		written = size
	}
	return wire, written
}

// maybeUnacknowledged reports whether the next message may be a prekey message. A row that was not
// decoded does not tell.
func (row *Row) maybeUnacknowledged() bool {
	return !row.Ready || row.Record.current != nil && row.Record.current.pending.unacknowledged
}

func (s *Sealing) seal() {
	defer clear(s.written)
	s.Next, s.Err = s.Row.advance(&s.rows, func(r *Record) (err error) {
		plaintext := s.Plaintext.Bytes
		if w := s.Plaintext.Writer; w != nil {
			plaintext = s.written
			if err := w.WritePlaintext(plaintext); err != nil {
				return err
			}
		}
		s.Ciphertext, err = r.seal(s.wire, plaintext, s.Trusted, s.Row.Now)
		return err
	})
}
