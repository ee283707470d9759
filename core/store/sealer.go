package store

import (
	"crypto/cipher"
	"crypto/rand"

	"golang.org/x/crypto/chacha20poly1305"

	"libcallkey/core/kdf"
	"libcallkey/core/secret"
	"libcallkey/core/status"
)

// StorageKeyBytes is the size of the caller's storage key.
const StorageKeyBytes = 32

// Labels of the keys derived from the storage key, and of what a sealed record is
// bound to. The schema version stands in them: a record of one schema can't be
// passed off as another's.
const (
	recordKeyLabel = "callkey store 1 record key"
	rowKeyLabel    = "callkey store 1 row name key"
	recordLabel    = "callkey store 1 record"
)

// sealer encrypts records and hides their names. Each record is XChaCha20-Poly1305
// under a random 24-byte nonce, bound to its table and name so that rows can't be
// swapped. A row's name is a keyed hash: a stolen file does not tell whom the account
// talks to.
//
// A nil sealer keeps records as they are: the memory and plaintext stores'.
type sealer struct {
	aead   cipher.AEAD
	rowKey [kdf.Size]byte
}

func newSealer(storageKey []byte) *sealer {
	var s sealer
	secret.Do(func() {
		var recordKey [chacha20poly1305.KeySize]byte
		kdf.HKDF(recordKey[:], nil, storageKey, []byte(recordKeyLabel))
		kdf.HKDF(s.rowKey[:], nil, storageKey, []byte(rowKeyLabel))
		s.aead, _ = chacha20poly1305.NewX(recordKey[:]) // fails on a key length other than 32 only
		clear(recordKey[:])
	})
	return &s
}

func (s *sealer) rowName(t Table, name string) string {
	if s == nil {
		return name
	}
	var sum [kdf.Size]byte
	secret.Do(func() { kdf.HMAC(&sum, s.rowKey[:], []byte{byte(t)}, []byte(name)) })
	return string(sum[:16])
}

func (s *sealer) seal(t Table, name string, value []byte) []byte {
	if s == nil {
		return value
	}
	sealed := make([]byte, chacha20poly1305.NonceSizeX, chacha20poly1305.NonceSizeX+len(value)+chacha20poly1305.Overhead)
	rand.Read(sealed)
	bound := boundTo(t, name)
	secret.Do(func() { sealed = s.aead.Seal(sealed, sealed, value, bound) })
	return sealed
}

func (s *sealer) open(t Table, name string, sealed []byte) ([]byte, error) {
	if s == nil {
		return sealed, nil
	}
	if len(sealed) < chacha20poly1305.NonceSizeX {
		return nil, errRecord
	}
	nonce, box := sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:]
	bound := boundTo(t, name)
	value := make([]byte, 0, len(box))
	var err error
	secret.Do(func() { value, err = s.aead.Open(value, nonce, box, bound) })
	if err != nil {
		return nil, errRecord
	}
	return value, nil
}

var errRecord = status.New(status.StoreCorrupt, "a record does not open under the storage key")

func boundTo(t Table, name string) []byte {
	ad := make([]byte, 0, len(recordLabel)+1+len(name))
	ad = append(ad, recordLabel...)
	ad = append(ad, byte(t))
	return append(ad, name...)
}

func (s *sealer) wipe() {
	if s == nil {
		return
	}
	clear(s.rowKey[:])
	secret.WipeObject(s.aead)
	s.aead = nil
}
