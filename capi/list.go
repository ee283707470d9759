package main

/*
#include "callkey.h"
*/
import "C"

import (
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

//export ck_store_next
func ck_store_next(text *C.char, token C.callkey_store, jid *C.char, jidLen *C.size_t, what C.uint32_t, user, after *C.char) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		table, ok := map[C.uint32_t]store.Table{
			C.CALLKEY_LIST_SESSIONS:   store.Sessions,
			C.CALLKEY_LIST_IDENTITIES: store.Identities,
			C.CALLKEY_LIST_ALIASES:    store.Aliases,
		}[what]
		if !ok {
			return status.New(status.Argument, "what is not one of CALLKEY_LIST_*")
		}
		var last signal.Device
		if after != nil {
			a, err := addressAt("after", after)
			if err != nil {
				return err
			}
			last = signal.Device(a.String())
		}
		next := signal.Next
		if user != nil {
			name, err := userAt("user", user)
			if err != nil {
				return err
			}
			next = func(s *store.Store, t store.Table, after signal.Device, known func(signal.Device) bool) (signal.Device, error) {
				return signal.NextOfUser(s, t, name, after, known)
			}
		}
		found, err := next(s, table, last, hasJID)
		if err != nil {
			return err
		}
		spelled, _ := jidOf(found)
		return putText(jid, jidLen, spelled.String())
	})
}

// jidOf returns the JID of a device; a name that a newer library wrote may have none.
func jidOf(d signal.Device) (stanza.JID, bool) {
	a, ok := d.Address()
	if !ok {
		return stanza.JID{}, false
	}
	return stanza.JIDOf(a.Name, a.Device)
}

func hasJID(d signal.Device) bool {
	_, ok := jidOf(d)
	return ok
}

// userAt reads a user's JID and returns the name in the Signal addresses of its devices.
func userAt(name string, p *C.char) (string, error) {
	s, err := textAt(name, p, maxTextBytes)
	if err != nil {
		return "", err
	}
	user, err := stanza.ParseUser(s)
	if err != nil {
		return "", status.New(status.Argument, "%s: %v", name, err)
	}
	return user, nil
}

//export ck_user_remove
func ck_user_remove(text *C.char, token C.callkey_store, userJID *C.char) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		user, err := userAt("user_jid", userJID)
		if err != nil {
			return err
		}
		return signal.RemoveUser(s, user)
	})
}
