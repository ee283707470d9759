// Package signal runs Signal sessions (X3DH and the Double Ratchet, message version 3)
// between devices, over a store.
//
// It drives the protocol itself, over the key types and signatures of
// go.mau.fi/libsignal, because that library's own orchestration trusts its input and
// its store: a forged message can panic it, move a ratchet or plant an identity. The
// rules here:
//
//   - Parse first, strictly; nothing is looked up for bytes that do not parse.
//   - Work on values of one call. Chains, prekeys and identities change only in the
//     store's transaction, together, and only after the message was authenticated.
//   - One lock per device, whatever name it is called by; one per prekey.
//   - A forged message costs at most about what the longest honest one costs.
//
// What is exported takes a *store.Store for account and session calls, or runs inside
// Within for the delivery of several messages in one commit.
package signal

import (
	"libcallkey/core/secret"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// OpenStore opens or makes a store and, unless o.NoIdentity, its identity. With o.MustExist it
// makes neither: a store without what it would make is NOT_FOUND.
// Errors: those of store.Open.
func OpenStore(path string, storageKey []byte, o store.Options) (*store.Store, error) {
	s, err := store.Open(path, storageKey, o)
	if err != nil {
		return nil, err
	}
	switch {
	case o.NoIdentity:
	case o.MustExist || o.Restored:
		err = findIdentity(s)
	default:
		err = makeIdentity(s)
	}
	if err == nil && o.Restored {
		err = afterRestore(s)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// erasing runs work on secrets and passes its error on.
func erasing(work func() error) (err error) {
	secret.Do(func() { err = work() })
	return err
}

func malformed(what string) error { return status.New(status.Malformed, "%s", what) }
