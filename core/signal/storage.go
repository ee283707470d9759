package signal

import (
	"libcallkey/core/secret"
	"libcallkey/core/status"
	"libcallkey/core/store"
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

// stage puts the record into the transaction.
func (r *record) stage(tx *store.Tx, d Device) {
	r.trim()
	encoded := make([]byte, 0, r.sizeHint())
	secret.Do(func() { encoded = r.encode(encoded) })
	tx.Put(store.Sessions, string(d), encoded)
}

// sizeHint is an upper bound for encode, so that no secret stays behind in an outgrown
// buffer.
func (r *record) sizeHint() int {
	n := 0
	if r.current != nil {
		n = r.current.sizeHint()
	}
	for _, s := range r.archived {
		n += s.sizeHint()
	}
	return n
}

func (r *record) encode(b []byte) []byte {
	e := encoder{b}
	if r.current != nil {
		r.current.encode(&e, recordCurrent)
	}
	for _, s := range r.archived {
		s.encode(&e, recordPrevious)
	}
	return e.b
}

// decode reads the output of encode or of another Signal client. Errors: MALFORMED,
// UNSUPPORTED (post-quantum state, an older or newer version).
func (r *record) decode(b []byte) error {
	if len(b) > maxRecordBytes {
		return malformed("session record is over 4 MiB")
	}
	return fields(b, func(f field) error {
		if f.number != recordCurrent && f.number != recordPrevious {
			return unknownField("session record")
		}
		var body []byte
		if err := f.bytes(&body); err != nil || len(body) == 0 {
			return err // empty: a slot that holds no session
		}
		if f.number == recordPrevious && len(r.archived) == maxArchived {
			return nil
		}
		s := &r.first
		if f.number == recordPrevious || r.current != nil {
			s = new(state)
		}
		if err := s.decode(body); err != nil {
			s.wipe()
			return err
		}
		if f.number == recordCurrent {
			r.current = s
		} else {
			r.archived = append(r.archived, s)
		}
		return nil
	})
}

func unknownField(where string) error {
	return status.New(status.Unsupported, "%s has a field that this library does not know", where)
}

// storedError is the error for a bad record in the store: UNSUPPORTED if a newer
// library wrote it, else STORE_CORRUPT.
func storedError(what string, err error) error {
	code := status.StoreCorrupt
	if status.Of(err) == status.Unsupported {
		code = status.Unsupported
	}
	return status.New(code, "stored %s: %v", what, err)
}
