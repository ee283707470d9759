package signal

import (
	"crypto/sha256"
	"fmt"

	"libcallkey/core/session"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// A first message without a one-time prekey uses nothing up: X3DH gives the same session each
// time it arrives, from any stated sender. So its base key, which an honest peer uses for one
// session only, is remembered with the signed prekey, as long as that is kept, even after the
// session or the sender's name is gone.
//
// The memory is bounded, because a peer can make any number of base keys. At the bound a
// first message without a one-time prekey is rejected, and no base key is dropped, because
// its message would open again. Until the signed prekey is rotated only messages with a
// one-time prekey begin sessions. So that one user can't block all others, no user gets more
// than a sixteenth of the memory.
//
// Base keys are in buckets by their hash, so that a message reads and writes one small
// record. The bounds apply per bucket; honest base keys spread evenly.
const (
	buckets             = 256
	maxBaseKeysInBucket = 256
	maxBaseKeysOfUser   = maxBaseKeysInBucket / 16

	baseKeyBytes = 16 // of the base key's SHA-256, after the byte that selects the bucket
	userBytes    = 4  // of the SHA-256 of the user's name
	entryBytes   = baseKeyBytes + userBytes
)

// bucket is a part of the base keys of a signed prekey.
type bucket struct {
	signedPrekeyID uint32
	number         byte
}

func bucketOf(f *session.First) bucket {
	return bucket{f.SignedPrekeyID, sha256.Sum256(f.BaseKey[:])[0]}
}

func (b bucket) name() string { return fmt.Sprintf("%d %02x", b.signedPrekeyID, b.number) }

// lock is the same for all signed prekeys: removing one takes the locks of all buckets.
func (b bucket) lock() string { return fmt.Sprintf("base keys %02x", b.number) }

func baseKeyLocks() (locks []string) {
	for n := range buckets {
		locks = append(locks, bucket{number: byte(n)}.lock())
	}
	return locks
}

// baseKeys are the entries of the bucket for a message's base key, and the entry that
// remember adds.
type baseKeys struct {
	bucket  bucket
	entries []byte
	entry   [entryBytes]byte
}

// loadBaseKeys reads the bucket for a device's first message, and rejects the message
// if it was opened before or the bucket is full. Errors: DUPLICATE, NO_PREKEY, STORE,
// STORE_CORRUPT.
func loadBaseKeys(tx *store.Tx, f *session.First, d Device) (*baseKeys, error) {
	b := &baseKeys{bucket: bucketOf(f)}
	base := sha256.Sum256(f.BaseKey[:])
	user := sha256.Sum256([]byte(d.Name()))
	copy(b.entry[:baseKeyBytes], base[1:])
	copy(b.entry[baseKeyBytes:], user[:])
	var err error
	if b.entries, err = tx.Get(store.BaseKeys, b.bucket.name()); err != nil {
		return nil, err
	}
	if len(b.entries)%entryBytes != 0 {
		return nil, status.New(status.StoreCorrupt, "stored base keys of signed prekey %d do not parse", f.SignedPrekeyID)
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
		return nil, status.New(status.NoPrekey, "signed prekey %d began too many sessions without a one-time prekey: rotate it", f.SignedPrekeyID)
	}
	return b, nil
}

func (b *baseKeys) remember(tx *store.Tx) {
	tx.Put(store.BaseKeys, b.bucket.name(), append(b.entries, b.entry[:]...))
}

// forgetBaseKeys deletes the base keys of a removed signed prekey.
func forgetBaseKeys(tx *store.Tx, signedPrekeyID uint32) {
	for n := range buckets {
		tx.Delete(store.BaseKeys, bucket{signedPrekeyID, byte(n)}.name())
	}
}
