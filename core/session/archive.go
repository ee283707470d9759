package session

import (
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/protobuf"
	"libcallkey/core/secret"
)

// A store keeps a record in two rows, so that a message costs the same whatever a peer piled up:
//
//   - the session row: the current state, without the keys of skipped messages. Each message
//     changes it, and it has less than a kilobyte.
//   - the archive row, if there is anything for it: the archived states, and the keys of skipped
//     messages. It is read only for a message that the session row can't open alone, and written
//     only when it changes.
//
// Both are in Signal's protobuf with fields of ours. A record that is whole in one row, as earlier
// libraries wrote it, is a session row without an archive.
//
// Both rows have a mark, which is random and another one each time the archive is written. So a
// session row does not fit an archive of another time, e.g. one with the key of a message that
// was opened since.
const (
	recordMark   = 1001 // of both rows
	recordKin    = 1002 // of the session row
	archiveChain = 1003 // of the archive row: a chain of the current state, with its skipped keys only

	markMax = 19 // what is written of a mark, in bytes
	kinMax  = 3

	// sessionMax is the most that is made for a session row.
	sessionMax = stateMax + maxReceivers*(receiverMax+awayMax) + markMax + kinMax
)

// mark binds the two rows of a record. It is random; zero means that there is no archive.
type mark [16]byte

func (m *mark) decode(f protobuf.Field) error {
	var body []byte
	if err := f.Bytes(&body); err != nil {
		return err
	}
	if len(body) != len(m) || mark(body) == (mark{}) { // public: a mark is no secret
		return malformed("a mark is not 16 random bytes")
	}
	*m = mark(body)
	return nil
}

// Rows is a record as a store keeps it. They contain secrets.
type Rows struct {
	Session []byte // nothing: there is no session
	Archive []byte // nil: there is none
	// Archived: the archive row changes too. Write both rows in one commit, or none.
	Archived bool
}

// Wipe clears rows that are not stored.
func (rows Rows) Wipe() {
	secret.Wipe(rows.Session)
	secret.Wipe(rows.Archive)
}

// Rows returns the record as a store keeps it.
func (r *Record) Rows(random Random) (rows Rows) {
	r.trim()
	session, archive := make([]byte, 0, r.sessionHint()), make([]byte, 0, r.archiveHint())
	secret.Do(func() { rows = r.rows(session, archive, random) })
	return rows
}

// rows is Rows, in the given memory if that has the capacity.
func (r *Record) rows(session, archive []byte, random Random) (rows Rows) {
	if !r.apart {
		r.trim()
		had := r.mark != mark{} // public: a mark is no secret
		r.mark = mark{}
		if n := r.archiveHint(); n > 0 {
			random(r.mark[:])
			rows.Archive = r.encodeArchive(atLeast(archive, n))
		}
		rows.Archived = had || rows.Archive != nil
		r.kin = r.current != nil && slices.ContainsFunc(r.archived, func(s *state) bool { return sameHandshake(r.current, s) })
	}
	rows.Session = r.encodeSession(atLeast(session, r.sessionHint()))
	return rows
}

// sessionHint is an upper bound for encodeSession.
func (r *Record) sessionHint() int {
	if r.current == nil {
		return markMax
	}
	return r.current.size(bare) + markMax + kinMax
}

func (r *Record) encodeSession(b []byte) []byte {
	e := protobuf.Encoder{B: b}
	if r.current != nil {
		r.current.encode(&e, recordCurrent, bare)
	}
	if r.mark != (mark{}) { // public: a mark is no secret
		e.Bytes(recordMark, r.mark[:])
	}
	if r.kin {
		e.Number(recordKin, 1)
	}
	return e.B
}

// archiveHint is an upper bound for encodeArchive, 0 if there is nothing for it.
func (r *Record) archiveHint() (n int) {
	for _, s := range r.archived {
		n += s.size(seeds)
	}
	if r.current != nil {
		for i := range r.current.receivers {
			if c := &r.current.receivers[i]; len(c.skipped) > 0 {
				size := c.archivedSize()
				n += protowire.SizeTag(archiveChain) + protowire.SizeVarint(uint64(size)) + size
			}
		}
	}
	if n > 0 {
		n += markMax
	}
	return n
}

// archivedSize is the size of an archiveChain's content.
func (c *receiverChain) archivedSize() int { return protobuf.PublicKeyBytes + c.skippedSize(seeds) }

func (r *Record) encodeArchive(b []byte) []byte {
	e := protobuf.Encoder{B: b}
	e.Bytes(recordMark, r.mark[:])
	for _, s := range r.archived {
		s.encode(&e, recordPrevious, seeds)
	}
	if r.current == nil {
		return e.B
	}
	for i := range r.current.receivers {
		c := &r.current.receivers[i]
		if len(c.skipped) > 0 {
			e.Message(archiveChain, c.archivedSize())
			e.PublicKey(chainRatchet, &c.ratchet)
			c.encodeSkipped(&e, seeds)
		}
	}
	return e.B
}

// DecodeSession reads a session row into an empty record; no bytes are no sessions. now is
// Decode's. Errors: MALFORMED, UNSUPPORTED.
func (r *Record) DecodeSession(b []byte, now int64) error {
	return erasing(func() error { return r.decodeSession(b, now) })
}

func (r *Record) decodeSession(b []byte, now int64) error {
	if err := r.decode(b, now); err != nil {
		return err
	}
	switch here, away := r.archiveHint() > 0, r.away() > 0; {
	case r.apart && here:
		return malformed("a session row has what its archive has")
	case !r.apart && (away || r.kin):
		return malformed("a session row lacks the mark of its archive")
	}
	return nil
}

// away returns the number of skipped keys that are elsewhere.
func (r *Record) away() (n int) {
	for _, s := range r.states() {
		for i := range s.receivers {
			n += int(s.receivers[i].away)
		}
	}
	return n
}

// Apart reports whether the record has an archive that was not read. Without it the record can
// seal; what else it can do, its methods say.
func (r *Record) Apart() bool { return r.apart }

// DecodeArchive reads the archive row of a record that is Apart. stale: the row is from an old copy
// of the store. now is Decode's. Errors: MALFORMED (it is damaged, or of another time than the
// session row), UNSUPPORTED.
func (r *Record) DecodeArchive(b []byte, stale bool, now int64) error {
	return erasing(func() error { return r.decodeArchive(b, stale, now) })
}

func (r *Record) decodeArchive(b []byte, stale bool, now int64) error {
	switch {
	case len(b) == 0:
		return malformed("a session's archive is gone")
	case len(b) > maxRecordBytes:
		return malformed("session archive is over 4 MiB")
	}
	var its mark
	err := protobuf.Fields(b, func(f protobuf.Field) error {
		switch f.Number {
		case recordMark:
			return its.decode(f)
		case recordPrevious:
			return r.decodeState(f, now)
		case archiveChain:
			return r.decodeKeysOfChain(f)
		case recordCurrent:
			return malformed("a session row is in the place of its archive")
		}
		return protobuf.Unknown("session archive")
	})
	switch {
	case err != nil:
		return err
	case its != r.mark: // public: a mark is no secret
		return malformed("a session's archive is of another time")
	case r.away() > 0:
		return malformed("session archive lacks keys of skipped messages")
	}
	r.apart, r.kin = false, false
	for _, s := range r.archived {
		s.stale = s.stale || stale
	}
	return nil
}

func (r *Record) decodeKeysOfChain(f protobuf.Field) error {
	var body []byte
	if err := f.Bytes(&body); err != nil {
		return err
	}
	var c receiverChain
	err := protobuf.Fields(body, func(f protobuf.Field) error {
		switch f.Number {
		case chainRatchet:
			return f.PublicKey(&c.ratchet)
		case chainMessageKeys:
			return c.decodeSkipped(f, len(body))
		}
		return protobuf.Unknown("chain of a session archive")
	})
	if err == nil {
		err = r.takeKeys(&c)
	}
	if err != nil {
		c.wipe()
	}
	return err
}

// takeKeys moves the skipped keys of a chain to the one of the current state.
func (r *Record) takeKeys(from *receiverChain) error {
	if r.current != nil {
		for i := range r.current.receivers {
			to := &r.current.receivers[i]
			if to.ratchet == from.ratchet && to.skipped == nil && len(from.skipped) == int(to.away) { // public: sent in messages
				to.skipped, to.away = from.skipped, 0
				return nil
			}
		}
	}
	return malformed("session archive has keys of skipped messages that its session lacks")
}

// enough reports whether a record that is Apart may open a message without its archive: as the
// next one of a chain, or as the first one of a new chain for which no key leaves the archive.
// Such a message takes no step of a chain, so a failure costs little.
func (r *Record) enough(m *message) bool {
	s := r.current
	if s == nil {
		return false
	}
	if i := s.receiver(&m.ratchet); i >= 0 {
		return m.counter == s.receivers[i].chain.index
	}
	drops := len(s.receivers) == maxReceivers && s.receivers[0].away > 0
	return m.counter == 0 && !r.kin && !drops
}
