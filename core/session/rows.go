package session

import (
	"slices"

	"libcallkey/core/protobuf"
	"libcallkey/core/secret"
)

// A store keeps a record in three rows, so that a message costs the same whatever a peer piled up:
//
//   - the chains row: the two chain keys that each message changes (chains.go).
//   - the session row: the rest of the current state, without the keys of skipped messages. A turn of
//     the ratchet changes it, and it has less than a kilobyte.
//   - the archive row, if there is anything for it: the archived states, and the keys of skipped
//     messages (archive.go).
//
// The last two are in Signal's protobuf with fields of ours. A record that is whole in one row, as
// earlier libraries wrote it, is a session row without the others; theirs of two rows has no chains row.
//
// The session row shares a mark with each of the other two. It is random, and another one each time the two are
// written together. So a session row does not fit an archive of another time, e.g. one with the key of a
// message that was opened since; nor chains of another time, e.g. those before a turn.
const (
	recordMark   = 1001 // of the session row and its archive row
	recordKin    = 1002 // of the session row
	recordChains = 1004 // the mark of the session row and its chains row

	markMax = 19 // what is written of a mark, in bytes
	kinMax  = 3

	// sessionMax is the most that is made for a session row.
	sessionMax = stateMax + maxReceivers*(receiverMax+awayMax) - 2*chainKeyMax + 2*markMax + kinMax
)

// mark binds two rows of a record. It is random; zero means that the other row does not exist.
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

// Rows is a record as a store keeps it. They contain secrets. Write all that change in one commit, or
// none.
type Rows struct {
	Chains []byte // nil: there is none

	Calm    bool   // only Chains changes, and the rest here says nothing
	Session []byte // nothing: there is no session

	Archived bool   // the archive row changes too
	Archive  []byte // nil: there is none
}

// Wipe clears rows that are not stored.
func (rows Rows) Wipe() {
	secret.Wipe(rows.Chains)
	secret.Wipe(rows.Session)
	secret.Wipe(rows.Archive)
}

// Rows returns the record as a store keeps it.
func (r *Record) Rows(random Random) (rows Rows) {
	r.trim()
	r.quiet = false // of more than one message, the last one does not tell
	memory := nextRows{make([]byte, 0, chainsBytes), make([]byte, 0, r.sessionHint()), make([]byte, 0, r.archiveHint())}
	secret.Do(func() { rows = r.rows(&memory, random) })
	return rows
}

// nextRows is memory for rows.
type nextRows struct{ chains, session, archive []byte }

// rows is Rows, in the given memory where that has the capacity. After a message that was quiet, Calm ones.
func (r *Record) rows(in *nextRows, random Random) (rows Rows) {
	if r.calm() {
		return Rows{Chains: r.encodeChains(atLeast(in.chains, chainsBytes)), Calm: true}
	}
	if !r.apart {
		r.trim()
		had := r.mark != mark{} // public: a mark is no secret
		r.mark = mark{}
		if n := r.archiveHint(); n > 0 {
			random(r.mark[:])
			rows.Archive = r.encodeArchive(atLeast(in.archive, n))
		}
		rows.Archived = had || rows.Archive != nil
		r.kin = r.current != nil && slices.ContainsFunc(r.archived, func(s *state) bool { return sameHandshake(r.current, s) })
	}
	r.chains = mark{}
	if r.current != nil {
		random(r.chains[:])
		r.current.pending.undated = false
		rows.Chains = r.encodeChains(atLeast(in.chains, chainsBytes))
	}
	rows.Session = r.encodeSession(atLeast(in.session, r.sessionHint()))
	return rows
}

// sessionHint is an upper bound for encodeSession.
func (r *Record) sessionHint() int {
	if r.current == nil {
		return markMax
	}
	return r.current.size(bare) + 2*markMax + kinMax
}

func (r *Record) encodeSession(b []byte) []byte {
	e := protobuf.Encoder{B: b}
	if r.current != nil {
		r.current.encode(&e, recordCurrent, bare)
		e.Bytes(recordChains, r.chains[:])
	}
	if r.mark != (mark{}) { // public: a mark is no secret
		e.Bytes(recordMark, r.mark[:])
	}
	if r.kin {
		e.Number(recordKin, 1)
	}
	return e.B
}

// DecodeSession reads a session row and its chains row into an empty record; no bytes are no sessions. now
// is Decode's. Errors: MALFORMED (a row is damaged, or they are not of one time), UNSUPPORTED.
func (r *Record) DecodeSession(session, chains []byte, now int64) error {
	return erasing(func() error { return r.decodeSession(session, chains, now) })
}

func (r *Record) decodeSession(session, chains []byte, now int64) error {
	if err := r.decode(session, now); err != nil {
		return err
	}
	switch here, away := r.archiveHint() > 0, r.away() > 0; {
	case r.apart && here:
		return malformed("a session row has what its archive has")
	case !r.apart && (away || r.kin):
		return malformed("a session row lacks the mark of its archive")
	}
	switch hasRow := r.chains != (mark{}); { // public: a mark is no secret
	case !hasRow && len(session) > 0 && chains != nil:
		return malformed("a session row lacks the mark of its chains")
	case !hasRow && r.current != nil:
		return r.current.complete()
	case !hasRow:
		return nil
	case !r.apart && r.archiveHint() > 0:
		return malformed("a session row is whole and has the mark of its chains")
	case !r.lacksChains():
		return malformed("a session row does not lack what its chains row has")
	}
	return r.decodeChains(chains)
}
