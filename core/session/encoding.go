package session

import (
	"slices"

	"libcallkey/core/curve"
	"libcallkey/core/protobuf"
	"libcallkey/core/secret"
	"libcallkey/core/status"
)

// Session records are kept, exported and imported in Signal's own storage protobuf
// (RecordStructure of storage.proto), so that they move between clients. Numbers of
// its fields:
const (
	recordCurrent  = 1
	recordPrevious = 2
)

// maxRecordBytes is the limit of an imported record: 41 states of 5 chains of 2,000
// skipped keys would be 42 MB; real records have a few hundred kilobytes at most.
const maxRecordBytes = 4 << 20

// form is how a record is written. Every client reads both but Signal's own before it had the
// post-quantum ratchet: they know no seeds.
type form int

const (
	whole form = iota // with the keys of each skipped message
	seeds             // with the seed of these keys, if it is known: a third of the bytes, and none of the work
	bare              // with the number of skipped messages in each chain: their keys are in the archive
)

// Encode returns the record's bytes, as every Signal client reads them. They contain secrets.
func (r *Record) Encode() (encoded []byte) {
	r.trim()
	room := make([]byte, 0, r.size(whole))
	secret.Do(func() { encoded = r.encode(room, whole) })
	return encoded
}

// encoded returns the record's bytes, in room if that has the capacity.
func (r *Record) encoded(room []byte) []byte {
	r.trim()
	return r.encode(atLeast(room, r.size(whole)), whole)
}

// atLeast returns room if it has the capacity for n bytes, or other memory.
func atLeast(room []byte, n int) []byte {
	if n > cap(room) {
		return make([]byte, 0, n)
	}
	return room
}

// Seeds reports whether the record keeps seeds, so that a row of it differs from Encode.
func (r *Record) Seeds() bool {
	for _, s := range r.states() {
		for i := range s.receivers {
			if slices.ContainsFunc(s.receivers[i].skipped, func(k skippedKey) bool { return k.seeded }) {
				return true
			}
		}
	}
	return false
}

// size is what encode writes in bytes.
func (r *Record) size(f form) int {
	n := 0
	if r.current != nil {
		n = r.current.size(f)
	}
	for _, s := range r.archived {
		n += s.size(f)
	}
	return n
}

func (r *Record) encode(b []byte, f form) []byte {
	e := protobuf.Encoder{B: b}
	if r.current != nil {
		r.current.encode(&e, recordCurrent, f)
	}
	for _, s := range r.archived {
		s.encode(&e, recordPrevious, f)
	}
	return e.B
}

// Decode reads the output of Encode into an empty record; no bytes are no sessions. A session
// that was not answered and does not say since which second counts from now, in Unix seconds.
// Errors: MALFORMED, UNSUPPORTED (post-quantum state, an older or newer version).
func (r *Record) Decode(b []byte, now int64) error {
	return erasing(func() error { return r.decodeWhole(b, now) })
}

// decodeWhole reads a record that is all in one place.
func (r *Record) decodeWhole(b []byte, now int64) error {
	if err := r.decode(b, now); err != nil {
		return err
	}
	if r.apart || r.kin || r.away() > 0 || r.chains != (mark{}) { // public: a mark is no secret
		return protobuf.Unknown("session record") // one of the rows of a store
	}
	if r.current != nil {
		return r.current.complete()
	}
	return nil
}

func (r *Record) decode(b []byte, now int64) error {
	if len(b) > maxRecordBytes {
		return malformed("session record is over 4 MiB")
	}
	return protobuf.Fields(b, func(f protobuf.Field) error {
		switch f.Number {
		case recordCurrent, recordPrevious:
			return r.decodeState(f, now)
		case recordMark:
			r.apart = true
			return r.mark.decode(f)
		case recordKin:
			return f.Bool(&r.kin)
		case recordChains:
			return r.chains.decode(f)
		}
		return protobuf.Unknown("session record")
	})
}

func (r *Record) decodeState(f protobuf.Field, now int64) error {
	var body []byte
	if err := f.Bytes(&body); err != nil || len(body) == 0 {
		return err // empty: a slot that holds no session
	}
	if f.Number == recordPrevious && len(r.archived) == maxArchived {
		return nil
	}
	s := &r.own[0]
	if f.Number == recordPrevious || r.current != nil {
		s = new(state)
	}
	err := s.decode(body, now)
	if err == nil && f.Number == recordPrevious {
		err = s.complete()
	}
	if err != nil {
		s.wipe()
		return err
	}
	if f.Number == recordCurrent {
		r.current = s
	} else {
		r.archived = append(r.archived, s)
	}
	return nil
}

// isJSON recognizes a record of the Go Signal library, as whatsmeow stores it: JSON of
// its SessionStructure. A protobuf record starts with a tag, which is never '{'.
func isJSON(b []byte) bool { return len(b) > 0 && b[0] == '{' }

// Import reads a record that another program wrote, perhaps another Signal client, into an
// empty record: the storage protobuf, or the JSON of the Go library, which is UNSUPPORTED in a
// build without that library. It merges sessions that are there twice and checks the keys; that
// takes most of the time, and trusted, the identity key that is known for the device or nil, was
// checked before. now is Decode's.
// Errors: MALFORMED, UNSUPPORTED, INVALID_KEY.
func (r *Record) Import(b []byte, now int64, trusted []byte) error {
	return erasing(func() error {
		decode := r.decodeWhole
		if isJSON(b) {
			decode = r.decodeJSON
		}
		if err := decode(b, now); err != nil {
			return err
		}
		r.distinct()
		return r.check(trusted)
	})
}

// check rejects an imported record with keys that no honest client has.
func (r *Record) check(trusted []byte) error {
	states := r.states()
	if len(states) == 0 {
		return malformed("session record has no session")
	}
	for _, s := range states {
		if string(trusted) != string(s.remoteIdentity[:]) { // public: identity keys
			if err := curve.Validate(&s.remoteIdentity); err != nil {
				return status.New(status.InvalidKey, "session record's identity key: %v", err)
			}
			trusted = s.remoteIdentity[:] // mostly that of the older sessions too
		}
		if !curve.IsPublic(&s.sender.public, &s.sender.private) {
			return malformed("session record's ratchet key pair does not match")
		}
		// JSON says them, and the rows refuse them: they would replace a good session.
		if err := s.hasKeys(); err != nil {
			return err
		}
		if err := s.complete(); err != nil {
			return err
		}
	}
	return nil
}

// Identity returns the identity key of the newest session's peer; ok is false if there is no
// session.
func (r *Record) Identity() (key [32]byte, ok bool) {
	states := r.states()
	if len(states) == 0 {
		return key, false
	}
	return states[0].remoteIdentity, true
}

// Restored marks every session as one of an old copy: it opens messages and seals none.
func (r *Record) Restored() {
	for _, s := range r.states() {
		s.stale = true
	}
}
