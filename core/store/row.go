package store

import (
	"encoding/binary"

	"libcallkey/core/status"
)

// The content of a row of a file store before it is sealed:
//
//	1 byte   the form
//	uvarint  the store's generation when it was written
//	         formNamed: uvarint n, n bytes of the record's name, the record
//	         formUnnamed: the record
//	         formFirst: the row as schema 1 sealed it, name and record unknown until
//	         somebody asks for it by its name
//
// The name inside lets the store list its records; the hashed name outside does not. The rows of
// Chains, and no others, are formUnnamed: they are small and never listed. What binds such a row to its
// device is the name of the row, which the sealing covers.
const (
	formNamed   = 1
	formFirst   = 2
	formUnnamed = 3

	// maxRowHead is the maximum length of the part before the name, in bytes.
	maxRowHead = 1 + 2*binary.MaxVarintLen64
)

var errRecord = status.New(status.StoreCorrupt, "a record does not open under the storage key")

// row is a row's parsed content.
type row struct {
	form       byte
	generation uint64
	name       string // of formNamed
	record     []byte // part of the bytes that it was read from
}

// appendRowHead writes the part before the record of a row of t.
func appendRowHead(b []byte, t Table, generation uint64, name string) []byte {
	if t == Chains {
		return binary.AppendUvarint(append(b, formUnnamed), generation)
	}
	b = binary.AppendUvarint(append(b, formNamed), generation)
	b = binary.AppendUvarint(b, uint64(len(name)))
	return append(b, name...)
}

// appendFirst writes a row that wraps one of schema 1.
func appendFirst(b []byte, sealed []byte) []byte {
	b = append(b, formFirst, 0) // generation 0
	return append(b, sealed...)
}

// parseRow parses a row's content. Errors: STORE_CORRUPT, UNSUPPORTED (a form of a
// newer library).
func parseRow(b []byte) (r row, err error) {
	if len(b) == 0 {
		return r, errRecord
	}
	r.form, b = b[0], b[1:]
	if r.form != formNamed && r.form != formFirst && r.form != formUnnamed {
		return r, status.New(status.Unsupported, "a record has form %d, which this library does not know", r.form)
	}
	generation, n := binary.Uvarint(b)
	if n <= 0 {
		return r, errRecord
	}
	r.generation, b = generation, b[n:]
	if r.form != formNamed {
		r.record = b
		return r, nil
	}
	size, n := binary.Uvarint(b)
	if n <= 0 || size > uint64(len(b)-n) {
		return r, errRecord
	}
	r.name, r.record = string(b[n:n+int(size)]), b[n+int(size):]
	return r, nil
}
