package store

import (
	"crypto/cipher"
	"crypto/rand"
	"slices"
	"sync/atomic"

	"golang.org/x/crypto/chacha20poly1305"

	"libcallkey/core/kdf"
	"libcallkey/core/secret"
)

// Labels of the keys derived from a store's data key, and of the data that a sealed record
// is bound to. They have no version of the schema, so that the file can change its layout
// without sealing every record again.
const (
	recordKeyLabel  = "callkey store record key"
	rowNameKeyLabel = "callkey store row name key"
	recordLabel     = "callkey store record"
)

// sealer encrypts records and hides their names. Each record is XChaCha20-Poly1305 under a
// random 24-byte nonce, bound to the store, its table and its row, so that rows can be
// swapped neither within a file nor between two files of one storage key. A row's name is a
// keyed hash: a stolen file does not reveal the account's contacts.
//
// A plaintext file's sealer has no cipher: it keeps contents readable, and names but for those of
// Chains. A nil sealer, the memory store's, keeps records as they are.
type sealer struct {
	id         storeID
	aead       cipher.AEAD    // nil: plaintext
	rowNameKey [kdf.Size]byte // in a store that schema 1 made: its key from then
	generation atomic.Uint64  // grows when the file is opened as an old copy
	keys       dataKeys       // to seal them under another storage key
	first      *firstSealer   // opens rows of schema 1; nil if there are none
}

// newSealer takes ownership of keys. plaintext: there are none.
func newSealer(id storeID, keys *dataKeys, plaintext bool) *sealer {
	s := &sealer{id: id}
	if plaintext {
		return s
	}
	secret.Do(func() {
		s.keys = *keys
		keys.wipe()
		var recordKey [chacha20poly1305.KeySize]byte
		kdf.HKDF(recordKey[:], nil, s.keys.data[:], []byte(recordKeyLabel))
		kdf.HKDF(s.rowNameKey[:], nil, s.keys.data[:], []byte(rowNameKeyLabel))
		s.aead, _ = chacha20poly1305.NewX(recordKey[:]) // fails on a key length other than 32 only
		clear(recordKey[:])
		if s.keys.hasFirst {
			s.first = firstSealerOf(&s.keys.firstRecord, &s.keys.firstRowName)
			s.rowNameKey = s.keys.firstRowName
		}
	})
	return s
}

// rowName returns the name of a record's row in the file.
func (s *sealer) rowName(t Table, name string) string {
	row := [1]string{name}
	s.nameRows(t, row[:])
	return row[0]
}

// nameRows replaces the names of records, at most Batch, by those of their rows, in one piece of
// protected work.
func (s *sealer) nameRows(t Table, names []string) {
	switch {
	case s == nil:
	case t == Chains:
		nameChains(&s.rowNameKey, names)
	case s.aead != nil:
		hashNames(&s.rowNameKey, t, names)
	}
}

func hashNames(key *[kdf.Size]byte, t Table, names []string) {
	var sums [Batch][kdf.Size]byte
	secret.Do(func() { sumNames(&sums, key, t, names) })
	for i := range names {
		names[i] = string(sums[i][:16])
	}
}

func sumNames(sums *[Batch][kdf.Size]byte, key *[kdf.Size]byte, t Table, names []string) {
	var ready kdf.Key
	ready.Set(key[:])
	for i, name := range names {
		ready.HMAC(&sums[i], []byte{byte(t)}, []byte(name))
	}
	ready.Clear()
}

// seal returns the content of the row rowName for a record. A nil sealer's is value.
func (s *sealer) seal(t Table, rowName, name string, value []byte) []byte {
	one := []stagedChange{{name: name, value: value, row: change{table: t, name: rowName}, unmade: true}}
	s.sealAll(one)
	return one[0].row.value
}

// maxSealed is the most rows that are sealed at once.
const maxSealed = 4 * Batch

// sealAll makes the rows of changes, at most maxSealed, that have none yet. It is one piece of
// protected work for all of them, because its end erases a whole stack. The memory for the rows is
// made before it.
func (s *sealer) sealAll(changes []stagedChange) {
	unmade := 0
	for i := range changes {
		c := &changes[i]
		switch {
		case !c.unmade:
		case s == nil:
			c.row.value, c.unmade = c.value, false
		default:
			c.room = s.room(c.room, c.row.name, c.name, c.value)
			unmade++
		}
	}
	if unmade == 0 {
		return
	}
	var random [maxSealed * chacha20poly1305.NonceSizeX]byte
	nonces := random[:unmade*chacha20poly1305.NonceSizeX]
	rand.Read(nonces)
	secret.Do(func() {
		for i := range changes {
			if c := &changes[i]; c.unmade {
				c.row.value, c.unmade = s.sealIn(c, nonces[:chacha20poly1305.NonceSizeX]), false
				nonces = nonces[chacha20poly1305.NonceSizeX:]
			}
		}
	})
}

// room returns memory for sealIn: had, if it is enough. Not each row has its record's name inside.
func (s *sealer) room(had []byte, rowName, name string, value []byte) []byte {
	need := boundLen(rowName) + chacha20poly1305.NonceSizeX + maxRowHead + len(name) + len(value) + chacha20poly1305.Overhead
	if cap(had) >= need {
		return had
	}
	return make([]byte, 0, need+need/8) // the next one is often a little longer
}

// sealIn returns the row of a change, in its room.
func (s *sealer) sealIn(c *stagedChange, nonce []byte) []byte {
	bound := s.appendBound(c.room[:0], c.row.table, c.row.name)
	sealed := append(c.room[len(bound):len(bound)], nonce...)
	sealed = appendRowHead(sealed, c.row.table, s.generation.Load(), c.name)
	sealed = append(sealed, c.value...)
	return s.lock(bound, sealed)
}

// lock encrypts in place the bytes after the nonce, bound to others; for a plaintext store it
// drops the nonce.
func (s *sealer) lock(bound, b []byte) []byte {
	nonce, content := b[:chacha20poly1305.NonceSizeX], b[chacha20poly1305.NonceSizeX:]
	if s.aead == nil {
		return content
	}
	return s.aead.Seal(nonce, nonce, content, bound)
}

// sealFirst wraps a row that schema 1 sealed.
func (s *sealer) sealFirst(t Table, rowName string, had []byte) []byte {
	sealed := make([]byte, chacha20poly1305.NonceSizeX, chacha20poly1305.NonceSizeX+2+len(had)+chacha20poly1305.Overhead)
	rand.Read(sealed)
	sealed = appendFirst(sealed, had)
	bound := s.appendBound(nil, t, rowName)
	secret.Do(func() { sealed = s.lock(bound, sealed) })
	return sealed
}

// content returns a row's decrypted content.
func (s *sealer) content(t Table, rowName string, sealed []byte) ([]byte, error) {
	if s.aead == nil {
		return sealed, nil
	}
	if len(sealed) < chacha20poly1305.NonceSizeX {
		return nil, errRecord
	}
	nonce, box := sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:]
	content, bound := make([]byte, 0, len(box)), s.appendBound(nil, t, rowName)
	var err error
	secret.Do(func() { content, err = s.aead.Open(content, nonce, box, bound) })
	if err != nil {
		return nil, errRecord
	}
	return content, nil
}

// open returns the record in a row. stale: the row was written before the file was opened
// as an old copy. Errors: STORE_CORRUPT, UNSUPPORTED.
func (s *sealer) open(t Table, rowName, name string, sealed []byte) (record []byte, stale bool, err error) {
	if s == nil {
		return sealed, false, nil
	}
	content, err := s.content(t, rowName, sealed)
	if err != nil {
		return nil, false, err
	}
	r, err := parseRow(content)
	now := s.generation.Load()
	switch {
	case err != nil:
	case (r.form == formUnnamed) != (t == Chains):
		err = errRecord
	case r.form == formFirst && s.first != nil:
		record, err = s.first.open(t, name, r.record)
	case r.form != formFirst && (t == Chains || r.name == name) && r.generation <= now:
		return r.record, r.generation < now, nil
	default:
		err = errRecord
	}
	secret.Wipe(content)
	return record, r.generation < now, err
}

// named returns the name and the record in a row that was found without its name. The name is
// "" in a row of schema 1, which does not tell it. Errors: STORE_CORRUPT, UNSUPPORTED.
func (s *sealer) named(t Table, rowName string, sealed []byte) (name string, record []byte, err error) {
	if s == nil {
		return rowName, sealed, nil
	}
	content, err := s.content(t, rowName, sealed)
	if err != nil {
		return "", nil, err
	}
	r, err := parseRow(content)
	if err == nil && (r.form == formUnnamed || r.form == formNamed && s.rowName(t, r.name) != rowName) {
		err = errRecord
	}
	if err != nil {
		secret.Wipe(content)
		return "", nil, err
	}
	return r.name, r.record, nil
}

// appendBound appends the data that a sealed row is bound to, boundLen bytes.
func (s *sealer) appendBound(b []byte, t Table, rowName string) []byte {
	b = slices.Grow(b, boundLen(rowName))
	b = append(b, recordLabel...)
	b = append(b, s.id[:]...)
	b = append(b, byte(t))
	return append(b, rowName...)
}

func boundLen(rowName string) int { return len(recordLabel) + len(storeID{}) + 1 + len(rowName) }

func (s *sealer) wipe() {
	if s == nil {
		return
	}
	s.keys.wipe()
	s.first.wipe()
	clear(s.rowNameKey[:])
	if s.aead != nil {
		secret.WipeObject(s.aead)
	}
}
