// Package signal runs Signal sessions (X3DH and the Double Ratchet, message version 3)
// between devices, over a store.
//
// The sessions themselves are core/session's, which is pure. This package says which
// device, which locks and which record, and what is committed together:
//
//   - Look nothing up for bytes that do not parse.
//   - Chains, prekeys and identities change only in the store's transaction, together, and
//     only after the message was authenticated.
//   - One lock per device, under all its names; one per prekey.
//
// Account and session functions take a *store.Store. Functions that deliver messages
// run inside Within, so that several share one commit.
package signal

import (
	"libcallkey/core/secret"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// OpenStore opens or makes a store and its identity. With o.MustExist or o.Restored it makes
// neither: a store without an identity is NOT_FOUND too.
// Errors: those of store.Open.
func OpenStore(path string, storageKey []byte, o store.Options) (*store.Store, error) {
	if o.MustExist || o.Restored {
		return openWith(path, storageKey, o, findIdentity)
	}
	return openWith(path, storageKey, o, makeIdentity)
}

// OpenStoreWithoutIdentity opens or makes a store that ImportIdentity is for: it makes no
// identity, and asks for none.
// Errors: those of store.Open.
func OpenStoreWithoutIdentity(path string, storageKey []byte, o store.Options) (*store.Store, error) {
	return openWith(path, storageKey, o, func(*store.Store) error { return nil })
}

// openWith opens a store and lets identity see to its identity.
func openWith(path string, storageKey []byte, o store.Options, identity func(*store.Store) error) (*store.Store, error) {
	s, err := store.Open(path, storageKey, o)
	if err != nil {
		return nil, err
	}
	err = identity(s)
	if err == nil && o.Restored {
		err = afterRestore(s)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// erasing runs work on secrets and returns its error.
func erasing(work func() error) (err error) {
	secret.Do(func() { err = work() })
	return err
}

func malformed(what string) error { return status.New(status.Malformed, "%s", what) }
