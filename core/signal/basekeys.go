package signal

import (
	"crypto/sha256"
	"fmt"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

// A first message that names no one-time prekey uses nothing up: X3DH makes the same session of
// it each time it comes, from whomever it is said to be. So its base key, which an honest
// peer makes for one session only, is remembered with the signed prekey, for as long as that
// is kept: also after the session is gone, or the name that it came under.
//
// The memory is bounded, because a peer makes base keys as many as it likes. At the bound a
// first message without a one-time prekey is refused, and nothing is forgotten: what was
// opened before would open again. Until the signed prekey is rotated only messages that name
// a one-time prekey begin sessions. For one user not to bring that about for all the others,
// nobody gets more than a sixteenth of the memory.
//
// Base keys lie in buckets by their hash, so that a message reads and writes one small
// record. The bounds are those of a bucket; honest base keys spread evenly.
const (
	buckets             = 256
	maxBaseKeysInBucket = 256
	maxBaseKeysOfUser   = maxBaseKeysInBucket / 16

	baseKeyBytes = 16 // of the base key's SHA-256, after the byte that is its bucket
	userBytes    = 4  // of the SHA-256 of the user's name
	entryBytes   = baseKeyBytes + userBytes
)

// bucket is a part of the base keys of a signed prekey.
type bucket struct {
	signedPrekeyID uint32
	number         byte
}

func bucketOf(p *prekeyMessage) bucket {
	return bucket{p.signedPrekeyID, sha256.Sum256(p.baseKey[:])[0]}
}

func (b bucket) name() string { return fmt.Sprintf("%d %02x", b.signedPrekeyID, b.number) }

// lock is the same for all signed prekeys: who removes one holds the locks of all buckets.
func (b bucket) lock() string { return fmt.Sprintf("base keys %02x", b.number) }

func baseKeyLocks() (locks []string) {
	for n := range buckets {
		locks = append(locks, bucket{number: byte(n)}.lock())
	}
	return locks
}

// baseKeys are the entries of the bucket that a message's base key belongs to, and what
// remember adds to them.
type baseKeys struct {
	bucket  bucket
	entries []byte
	entry   [entryBytes]byte
}

// loadBaseKeys reads the bucket of a first message that a device sent, and refuses the
// message if it was opened before or has no room.
// Errors: DUPLICATE, NO_PREKEY, STORE, STORE_CORRUPT.
func loadBaseKeys(tx *store.Tx, p *prekeyMessage, d Device) (*baseKeys, error) {
	b := &baseKeys{bucket: bucketOf(p)}
	base := sha256.Sum256(p.baseKey[:])
	user := sha256.Sum256([]byte(d.Name()))
	copy(b.entry[:baseKeyBytes], base[1:])
	copy(b.entry[baseKeyBytes:], user[:])
	var err error
	if b.entries, err = tx.Get(store.BaseKeys, b.bucket.name()); err != nil {
		return nil, err
	}
	if len(b.entries)%entryBytes != 0 {
		return nil, status.New(status.StoreCorrupt, "stored base keys of signed prekey %d do not parse", p.signedPrekeyID)
	}
	ofUser := 0
	for i := 0; i < len(b.entries); i += entryBytes {
		e := b.entries[i : i+entryBytes]
		if string(e[:baseKeyBytes]) == string(b.entry[:baseKeyBytes]) { // public: sent in messages
			return nil, status.New(status.Duplicate, "message's session began before, and not with this sender")
		}
		if string(e[baseKeyBytes:]) == string(b.entry[baseKeyBytes:]) { // public: a name
			ofUser++
		}
	}
	if ofUser >= maxBaseKeysOfUser || len(b.entries) >= maxBaseKeysInBucket*entryBytes {
		return nil, status.New(status.NoPrekey, "signed prekey %d began too many sessions without a one-time prekey: rotate it", p.signedPrekeyID)
	}
	return b, nil
}

func (b *baseKeys) remember(tx *store.Tx) {
	tx.Put(store.BaseKeys, b.bucket.name(), append(b.entries, b.entry[:]...))
}

// forgetBaseKeys forgets those of a signed prekey that is removed.
func forgetBaseKeys(tx *store.Tx, signedPrekeyID uint32) {
	for n := range buckets {
		tx.Delete(store.BaseKeys, bucket{signedPrekeyID, byte(n)}.name())
	}
}
