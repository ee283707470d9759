package store

import (
	"crypto/cipher"

	"golang.org/x/crypto/chacha20poly1305"

	"libcallkey/core/kdf"
	"libcallkey/core/secret"
	"libcallkey/core/status"
)

// Schema 1, of version 0.2: the keys came straight from the storage key, under labels with
// the schema's number in them, and a row was bound to its name without containing it. So a
// migration can't read all rows of such a file: their names are unknown. They are kept
// unchanged inside rows of today's form, together with the two keys, and each takes today's
// form when it is next written.
const (
	firstRecordKeyLabel  = "callkey store 1 record key"
	firstRowNameKeyLabel = "callkey store 1 row name key"
	firstRecordLabel     = "callkey store 1 record"

	firstMarkName  = "mark" // the row of kind 0 that showed whether the storage key was right
	firstMarkValue = "callkey"
)

// firstSealer opens rows that schema 1 sealed. It is nil for a plaintext store.
type firstSealer struct {
	aead       cipher.AEAD
	rowNameKey [kdf.Size]byte
}

// firstKeys derives schema 1's keys from a storage key.
func firstKeys(record, rowName *[kdf.Size]byte, storageKey []byte) {
	kdf.HKDF(record[:], nil, storageKey, []byte(firstRecordKeyLabel))
	kdf.HKDF(rowName[:], nil, storageKey, []byte(firstRowNameKeyLabel))
}

func firstSealerOf(record, rowName *[kdf.Size]byte) *firstSealer {
	s := &firstSealer{rowNameKey: *rowName}
	s.aead, _ = chacha20poly1305.NewX(record[:]) // fails on a key length other than 32 only
	return s
}

func (s *firstSealer) rowName(t Table, name string) string {
	if s == nil {
		return name
	}
	row := [1]string{name}
	hashNames(&s.rowNameKey, t, row[:])
	return row[0]
}

func (s *firstSealer) open(t Table, name string, sealed []byte) ([]byte, error) {
	if s == nil {
		return sealed, nil
	}
	if len(sealed) < chacha20poly1305.NonceSizeX {
		return nil, errRecord
	}
	nonce, box := sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:]
	bound := append([]byte(firstRecordLabel), byte(t))
	bound = append(bound, name...)
	record := make([]byte, 0, len(box))
	var err error
	secret.Do(func() { record, err = s.aead.Open(record, nonce, box, bound) })
	if err != nil {
		return nil, errRecord
	}
	return record, nil
}

// checkMark distinguishes a wrong storage key from a damaged file. row is the mark's row, nil
// if there is none under this key's name for it.
func (s *firstSealer) checkMark(row []byte) error {
	if row != nil {
		if value, err := s.open(keyTable, firstMarkName, row); err == nil && string(value) == firstMarkValue { // public: a constant
			return nil
		}
	}
	return status.New(status.StoreKey, "the storage key is not this store's")
}

func (s *firstSealer) wipe() {
	if s == nil {
		return
	}
	clear(s.rowNameKey[:])
	secret.WipeObject(s.aead)
}
