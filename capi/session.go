package main

/*
#include "callkey.h"
*/
import "C"

import (
	"fmt"

	"libcallkey/core/offer"
	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// addressAt reads a JID and returns the Signal address of its device.
func addressAt(name string, p *C.char) (signal.Address, error) {
	s, err := textAt(name, p, maxTextBytes)
	if err != nil {
		return signal.Address{}, err
	}
	jid, err := stanza.ParseJID(s)
	if err != nil {
		return signal.Address{}, status.New(status.Argument, "%s: %v", name, err)
	}
	user, device := jid.Address()
	return signal.Address{Name: user, Device: device}, nil
}

// onDevice runs work in the frame, on an open store and a device.
func onDevice(text *C.char, token C.callkey_store, jid *C.char, work func(s *store.Store, a signal.Address) error) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		a, err := addressAt("jid", jid)
		if err != nil {
			return err
		}
		return work(s, a)
	})
}

// bundlesAt copies the bundles of a list; NULL is nil.
func bundlesAt(name string, list **C.callkey_prekey_bundle, n C.size_t) ([]*session.Bundle, error) {
	all := make([]*session.Bundle, n)
	for i, bundle := range listAt(list, n) {
		if bundle == nil {
			continue
		}
		whole := structAt(bundle, bundle.struct_size)
		var err error
		if all[i], err = bundleAt(fmt.Sprintf("%s[%d]", name, i), &whole); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// bundleAt copies a bundle. The shim has converted it to this library's version of the struct.
func bundleAt(name string, bundle *C.callkey_prekey_bundle) (*session.Bundle, error) {
	if err := reservedAt(name+"->reserved", bundle.reserved); err != nil {
		return nil, err
	}
	b := session.Bundle{
		RegistrationID: uint32(bundle.registration_id),
		PrekeyID:       uint32(bundle.prekey_id),
		SignedPrekeyID: uint32(bundle.signed_prekey_id),
	}
	putArray(&b.IdentityKey, bundle.identity_key)
	putArray(&b.Prekey, bundle.prekey)
	putArray(&b.SignedPrekey, bundle.signed_prekey)
	putArray(&b.Signature, bundle.signed_prekey_signature)
	return &b, nil
}

//export ck_session_begin
func ck_session_begin(text *C.char, token C.callkey_store, jid *C.char, bundle *C.callkey_prekey_bundle) C.callkey_status {
	return onDevice(text, token, jid, func(s *store.Store, a signal.Address) error {
		b, err := bundleAt("bundle", bundle)
		if err != nil {
			return err
		}
		return signal.Begin(s, a, b)
	})
}

//export ck_session_begin_batch
func ck_session_begin_batch(text *C.char, token C.callkey_store, statuses *C.callkey_status, jids **C.char, bundles **C.callkey_prekey_bundle, n C.size_t) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		devices, refused, err := textsAt("jids", jids, n)
		if err != nil {
			return err
		}
		published, err := bundlesAt("bundles", bundles, n)
		if err != nil {
			return err
		}
		codes, err := offer.BeginAll(s, devices, published)
		putStatuses(statuses, n, codes, refused)
		return err
	})
}

//export ck_session_check
func ck_session_check(text *C.char, token C.callkey_store, jid *C.char) C.callkey_status {
	return onDevice(text, token, jid, signal.Check)
}

//export ck_session_info_get
func ck_session_info_get(text *C.char, token C.callkey_store, out *C.callkey_session_info, jid *C.char) C.callkey_status {
	return onDevice(text, token, jid, func(s *store.Store, a signal.Address) error {
		info, err := signal.InfoOf(s, a)
		if err != nil {
			return err
		}
		putSessionInfo(out, &info)
		return nil
	})
}

// putSessionInfo writes what a record is like. The shim converts it to the caller's version of the
// struct.
func putSessionInfo(out *C.callkey_session_info, info *session.Info) {
	out.registration_id = C.uint32_t(info.RegistrationID)
	out.begun = C.uint64_t(info.Begun)
	out.archived = C.uint32_t(info.Archived)
	out.kept_keys = C.uint32_t(info.KeptKeys)
	putArray(&out.identity_key, info.IdentityKey)
	for _, flag := range []struct {
		set bool
		bit C.uint32_t
	}{
		{info.CanSeal, C.CALLKEY_SESSION_CAN_SEAL},
		{info.Unacknowledged, C.CALLKEY_SESSION_UNACKNOWLEDGED},
		{info.Stale, C.CALLKEY_SESSION_STALE},
	} {
		if flag.set {
			out.flags |= flag.bit
		}
	}
}

//export ck_session_remove
func ck_session_remove(text *C.char, token C.callkey_store, jid *C.char) C.callkey_status {
	return onDevice(text, token, jid, signal.Remove)
}

//export ck_session_export
func ck_session_export(text *C.char, token C.callkey_store, out *C.uint8_t, outLen *C.size_t, jid *C.char) C.callkey_status {
	return onDevice(text, token, jid, func(s *store.Store, a signal.Address) error {
		record, err := signal.Export(s, a)
		if err != nil {
			return err
		}
		return putSecret(out, outLen, record)
	})
}

//export ck_session_import
func ck_session_import(text *C.char, token C.callkey_store, jid *C.char, record *C.uint8_t, recordLen C.size_t) C.callkey_status {
	return onDevice(text, token, jid, func(s *store.Store, a signal.Address) error {
		return signal.Import(s, a, bytesAt(record, recordLen))
	})
}

//export ck_identity_get
func ck_identity_get(text *C.char, token C.callkey_store, publicKey *C.uint8_t, jid *C.char) C.callkey_status {
	return onDevice(text, token, jid, func(s *store.Store, a signal.Address) error {
		identity, err := signal.IdentityOf(s, a)
		if err != nil {
			return err
		}
		*array[[C.CALLKEY_PUBLIC_KEY_BYTES]byte](publicKey) = identity
		return nil
	})
}

//export ck_identity_trust
func ck_identity_trust(text *C.char, token C.callkey_store, jid *C.char, publicKey *C.uint8_t) C.callkey_status {
	return onDevice(text, token, jid, func(s *store.Store, a signal.Address) error {
		return signal.Trust(s, a, array[[C.CALLKEY_PUBLIC_KEY_BYTES]byte](publicKey))
	})
}

//export ck_identity_remove
func ck_identity_remove(text *C.char, token C.callkey_store, jid *C.char) C.callkey_status {
	return onDevice(text, token, jid, signal.RemoveIdentity)
}
