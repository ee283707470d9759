package store

import (
	"bytes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"time"

	"golang.org/x/crypto/chacha20poly1305"

	"libcallkey/core/kdf"
	"libcallkey/core/secret"
	"libcallkey/core/status"
)

// StorageKeyBytes is the size of the caller's storage key.
const StorageKeyBytes = 32

// The key row: kind 0, name "key". It identifies the store, and keeps the store's random
// data key sealed under the caller's storage key; so changing the storage key changes one
// row.
//
//	1 byte    keySealed or keyPlaintext
//	16 bytes  the store's id, random
//	          keySealed: nonce, and the data keys in XChaCha20-Poly1305
//	8 bytes   of SHA-256 over all before: a damaged row is not a wrong storage key
const (
	keyTable = Table(0)
	keyName  = "key"

	keySealed    = 1
	keyPlaintext = 2

	keySumBytes = 8

	wrappingKeyLabel = "callkey store wrapping key"
	wrappedLabel     = "callkey store data key"
)

// storeID identifies a store. It is public.
type storeID [16]byte

func newStoreID() (id storeID) {
	rand.Read(id[:])
	return id
}

// dataKeys are the keys that seal a store's records.
type dataKeys struct {
	data [32]byte

	// In a store that schema 1 made: the keys that sealed its rows.
	hasFirst                  bool
	firstRecord, firstRowName [kdf.Size]byte
}

func newDataKeys() *dataKeys {
	k := new(dataKeys)
	secret.Do(func() { rand.Read(k.data[:]) })
	return k
}

func (k *dataKeys) wipe() { *k = dataKeys{} }

func (k *dataKeys) encode(b []byte) []byte {
	b = append(b, k.data[:]...)
	if k.hasFirst {
		b = append(b, k.firstRecord[:]...)
		b = append(b, k.firstRowName[:]...)
	}
	return b
}

const (
	dataKeysBytes      = 32
	dataKeysFirstBytes = dataKeysBytes + 2*kdf.Size
)

func (k *dataKeys) decode(b []byte) error {
	switch len(b) {
	case dataKeysFirstBytes:
		k.hasFirst = true
		copy(k.firstRecord[:], b[dataKeysBytes:])
		copy(k.firstRowName[:], b[dataKeysBytes+kdf.Size:])
	case dataKeysBytes:
	default:
		return status.New(status.Unsupported, "a newer library wrote the store's key row")
	}
	copy(k.data[:], b)
	return nil
}

// keyRow returns the key row's value. storageKey nil: plaintext.
func keyRow(id storeID, keys *dataKeys, storageKey []byte) []byte {
	form := byte(keySealed)
	if storageKey == nil {
		form = keyPlaintext
	}
	value := append([]byte{form}, id[:]...)
	if storageKey != nil {
		secret.Do(func() { value = appendWrapped(value, id, keys, storageKey) })
	}
	sum := sha256.Sum256(value)
	return append(value, sum[:keySumBytes]...)
}

func appendWrapped(b []byte, id storeID, keys *dataKeys, storageKey []byte) []byte {
	aead, wrappingKey := wrapping(id, storageKey)
	defer secret.WipeObject(aead)
	defer clear(wrappingKey[:])
	var nonce [chacha20poly1305.NonceSizeX]byte
	rand.Read(nonce[:])
	var room [dataKeysFirstBytes]byte
	b = aead.Seal(append(b, nonce[:]...), nonce[:], keys.encode(room[:0]), boundKey(id))
	clear(room[:])
	return b
}

func wrapping(id storeID, storageKey []byte) (aead cipher.AEAD, key *[chacha20poly1305.KeySize]byte) {
	key = new([chacha20poly1305.KeySize]byte)
	kdf.HKDF(key[:], id[:], storageKey, []byte(wrappingKeyLabel))
	aead, _ = chacha20poly1305.NewX(key[:]) // fails on a key length other than 32 only
	return aead, key
}

func boundKey(id storeID) []byte { return append([]byte(wrappedLabel), id[:]...) }

// openKeyRow makes the sealer of the key row's store. storageKey nil: plaintext.
// Errors: STORE_KEY, STORE_CORRUPT, UNSUPPORTED.
func openKeyRow(value, storageKey []byte) (*sealer, error) {
	var id storeID
	if len(value) < 1+len(id)+keySumBytes {
		return nil, errKeyRow
	}
	body, sum := value[:len(value)-keySumBytes], value[len(value)-keySumBytes:]
	if made := sha256.Sum256(body); !bytes.Equal(made[:keySumBytes], sum) { // public: a sum of bytes in the file
		return nil, errKeyRow
	}
	form, wrapped := body[0], body[1+len(id):]
	copy(id[:], body[1:])
	switch {
	case form != keySealed && form != keyPlaintext:
		return nil, status.New(status.Unsupported, "a newer library wrote the store's key row")
	case form == keyPlaintext && storageKey != nil:
		return nil, status.New(status.StoreKey, "the store is not encrypted and takes no storage key")
	case form == keyPlaintext:
		return newSealer(id, nil, true), nil
	case storageKey == nil:
		return nil, status.New(status.StoreKey, "the store is encrypted and needs its storage key")
	case len(wrapped) < chacha20poly1305.NonceSizeX:
		return nil, errKeyRow
	}
	keys := new(dataKeys)
	var err error
	secret.Do(func() { err = keys.unwrap(id, wrapped, storageKey) })
	if err != nil {
		keys.wipe()
		return nil, err
	}
	return newSealer(id, keys, false), nil
}

func (k *dataKeys) unwrap(id storeID, wrapped, storageKey []byte) error {
	aead, wrappingKey := wrapping(id, storageKey)
	defer secret.WipeObject(aead)
	defer clear(wrappingKey[:])
	var room [dataKeysFirstBytes]byte
	defer clear(room[:])
	nonce, box := wrapped[:chacha20poly1305.NonceSizeX], wrapped[chacha20poly1305.NonceSizeX:]
	if len(box) > dataKeysFirstBytes+chacha20poly1305.Overhead {
		return status.New(status.Unsupported, "a newer library wrote the store's key row")
	}
	keys, err := aead.Open(room[:0], nonce, box, boundKey(id))
	if err != nil {
		return status.New(status.StoreKey, "the storage key is not this store's")
	}
	return k.decode(keys)
}

// changeKey seals the data keys under another storage key. Then it empties the log, which
// still has them under the old key.
func (f *file) changeKey(storageKey []byte, until time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.seal.aead == nil {
		return status.New(status.Argument, "a plaintext store has no storage key")
	}
	if err := f.place.hold(until); err != nil {
		return err
	}
	f.conn.waitUntil(until)
	defer f.place.release()
	err := f.inTransaction(func() error {
		if err := f.place.check(); err != nil {
			return err
		}
		if err := f.insert(keyTable, keyName, keyRow(f.seal.id, &f.seal.keys, storageKey)); err != nil {
			return err
		}
		return f.relink()
	})
	if err == nil {
		err = f.place.check()
	}
	if err == nil {
		f.exec("PRAGMA wal_checkpoint(TRUNCATE)") // later, if others read just now
	}
	return err
}

var errKeyRow = status.New(status.StoreCorrupt, "the store's key row is damaged")
