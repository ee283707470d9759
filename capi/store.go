package main

/*
#include "callkey.h"
*/
import "C"

import (
	"time"
	"unsafe"

	"libcallkey/core/signal"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// The token of a store in a file is odd, so that the shim knows which calls may write one (check.h).
var stores = handles[*store.Store]{what: "store", odd: func(s *store.Store) bool { return !s.Options().Memory }}

// onStore runs work in the frame, on an open store.
func onStore(text *C.char, token C.callkey_store, work func(s *store.Store) error) C.callkey_status {
	return frame(text, func() error { return stores.use(uint64(token), work) })
}

//export ck_store_open
func ck_store_open(text *C.char, out *C.callkey_store, path *C.char, storageKey *C.uint8_t, storageKeyLen C.size_t, options *C.callkey_store_options) C.callkey_status {
	return frame(text, func() error {
		if options == nil {
			options = &C.callkey_store_options{}
		}
		o, err := storeOptionsAt(options)
		if err != nil {
			return err
		}
		var file string
		if o.Memory = path == nil; !o.Memory {
			if file, err = textAt("path", path, maxPathBytes); err != nil {
				return err
			}
		}
		open := signal.OpenStore
		if options.flags&C.CALLKEY_STORE_NO_IDENTITY != 0 {
			open = signal.OpenStoreWithoutIdentity
		}
		s, err := open(file, bytesAt(storageKey, storageKeyLen), o)
		if err != nil {
			return err
		}
		*out = C.callkey_store(stores.add(s))
		return nil
	})
}

// storeOptionsAt copies the options of a store, without NO_IDENTITY. The shim has converted
// them to this library's version of the struct.
func storeOptionsAt(o *C.callkey_store_options) (store.Options, error) {
	const known = C.CALLKEY_STORE_NO_IDENTITY | C.CALLKEY_STORE_PLAINTEXT | C.CALLKEY_STORE_MUST_EXIST |
		C.CALLKEY_STORE_KEEP_OPENED | C.CALLKEY_STORE_RESTORED
	if o.flags&^known != 0 {
		return store.Options{}, status.New(status.Argument, "options->flags has an unknown bit")
	}
	return store.Options{
		Plaintext:  o.flags&C.CALLKEY_STORE_PLAINTEXT != 0,
		MustExist:  o.flags&C.CALLKEY_STORE_MUST_EXIST != 0,
		KeepOpened: o.flags&C.CALLKEY_STORE_KEEP_OPENED != 0,
		Restored:   o.flags&C.CALLKEY_STORE_RESTORED != 0,
		Busy:       time.Duration(o.busy_ms) * time.Millisecond,
	}, nil
}

//export ck_store_close
func ck_store_close(text *C.char, token C.callkey_store) C.callkey_status {
	return frame(text, func() error {
		s, err := stores.remove(uint64(token))
		if err != nil {
			return err
		}
		return s.Close()
	})
}

//export ck_store_copy
func ck_store_copy(text *C.char, token C.callkey_store, path *C.char) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		file, err := textAt("path", path, maxPathBytes)
		if err != nil {
			return err
		}
		return s.Copy(file)
	})
}

//export ck_store_change_key
func ck_store_change_key(text *C.char, token C.callkey_store, storageKey *C.uint8_t, storageKeyLen C.size_t) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		return s.ChangeKey(bytesAt(storageKey, storageKeyLen))
	})
}

//export ck_store_identity
func ck_store_identity(text *C.char, token C.callkey_store, out *C.callkey_identity) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		own, err := signal.OwnIdentity(s)
		if err != nil {
			return err
		}
		out.registration_id = C.uint32_t(own.RegistrationID)
		putArray(&out.public_key, own.PublicKey)
		return nil
	})
}

//export ck_store_account
func ck_store_account(text *C.char, token C.callkey_store, out *C.callkey_account) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		registrationID, err := signal.OwnAccount(s, privateKey(&out.private_key[0]))
		out.registration_id = C.uint32_t(registrationID)
		return err
	})
}

// putArray writes a member that is an array of bytes. T and F are arrays of equal size.
func putArray[T, F any](to *T, from F) { *(*F)(unsafe.Pointer(to)) = from }

//export ck_store_import_identity
func ck_store_import_identity(text *C.char, token C.callkey_store, private *C.uint8_t, registrationID C.uint32_t) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		return signal.ImportIdentity(s, privateKey(private), uint32(registrationID))
	})
}

func privateKey(p *C.uint8_t) *[C.CALLKEY_PRIVATE_KEY_BYTES]byte {
	return array[[C.CALLKEY_PRIVATE_KEY_BYTES]byte](p)
}

//export ck_store_add_prekeys
func ck_store_add_prekeys(text *C.char, token C.callkey_store, out *C.callkey_prekey, n C.size_t) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		prekeys, err := signal.AddPrekeys(s, int(n))
		if err != nil {
			return err
		}
		putPrekeys(out, prekeys)
		return nil
	})
}

func putPrekeys(out *C.callkey_prekey, prekeys []signal.Prekey) {
	to := listAt(out, C.size_t(len(prekeys)))
	for i, p := range prekeys {
		to[i].id = C.uint32_t(p.ID)
		putArray(&to[i].public_key, p.PublicKey)
	}
}

//export ck_store_unpublished
func ck_store_unpublished(text *C.char, token C.callkey_store, out *C.callkey_prekey, n *C.size_t) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		prekeys, err := signal.Unpublished(s, room(n))
		if err != nil {
			return needing(n, err)
		}
		*n = C.size_t(len(prekeys))
		putPrekeys(out, prekeys)
		return nil
	})
}

//export ck_store_published
func ck_store_published(text *C.char, token C.callkey_store, ids *C.uint32_t, n C.size_t) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		numbers := make([]uint32, n)
		for i, id := range listAt(ids, n) {
			numbers[i] = uint32(id)
		}
		return signal.Publish(s, numbers)
	})
}

//export ck_store_prekeys_left
func ck_store_prekeys_left(text *C.char, token C.callkey_store, n *C.size_t) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		left, err := signal.PrekeysLeft(s)
		*n = C.size_t(left)
		return err
	})
}

//export ck_store_rotate_signed_prekey
func ck_store_rotate_signed_prekey(text *C.char, token C.callkey_store, out *C.callkey_signed_prekey) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		p, err := signal.RotateSignedPrekey(s)
		if err != nil {
			return err
		}
		putSignedPrekey(out, p)
		return nil
	})
}

func putSignedPrekey(out *C.callkey_signed_prekey, p signal.SignedPrekey) {
	out.id = C.uint32_t(p.ID)
	putArray(&out.public_key, p.PublicKey)
	putArray(&out.signature, p.Signature)
}

//export ck_store_signed_prekey
func ck_store_signed_prekey(text *C.char, token C.callkey_store, out *C.callkey_signed_prekey, since *C.uint64_t) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		p, inUse, err := signal.SignedPrekeyInUse(s)
		if err != nil {
			return err
		}
		putSignedPrekey(out, p)
		*since = C.uint64_t(inUse)
		return nil
	})
}

//export ck_store_import_prekey
func ck_store_import_prekey(text *C.char, token C.callkey_store, id C.uint32_t, private *C.uint8_t) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		return signal.ImportPrekey(s, uint32(id), privateKey(private))
	})
}

//export ck_store_import_signed_prekey
func ck_store_import_signed_prekey(text *C.char, token C.callkey_store, id C.uint32_t, private *C.uint8_t) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		return signal.ImportSignedPrekey(s, uint32(id), privateKey(private))
	})
}

//export ck_store_take_bundle
func ck_store_take_bundle(text *C.char, token C.callkey_store, out *C.callkey_prekey_bundle) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		b, err := signal.TakeBundle(s)
		if err != nil {
			return err
		}
		out.registration_id = C.uint32_t(b.RegistrationID)
		out.prekey_id = C.uint32_t(b.PrekeyID)
		out.signed_prekey_id = C.uint32_t(b.SignedPrekeyID)
		putArray(&out.identity_key, b.IdentityKey)
		putArray(&out.prekey, b.Prekey)
		putArray(&out.signed_prekey, b.SignedPrekey)
		putArray(&out.signed_prekey_signature, b.Signature)
		return nil
	})
}

//export ck_store_alias
func ck_store_alias(text *C.char, token C.callkey_store, aliasJID, jid *C.char) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		alias, err := addressAt("alias_jid", aliasJID)
		if err != nil {
			return err
		}
		device, err := addressAt("jid", jid)
		if err != nil {
			return err
		}
		return signal.Alias(s, alias, device)
	})
}

//export ck_store_unalias
func ck_store_unalias(text *C.char, token C.callkey_store, aliasJID *C.char) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		alias, err := addressAt("alias_jid", aliasJID)
		if err != nil {
			return err
		}
		return signal.Unalias(s, alias)
	})
}
