package main

/*
#include "callkey.h"
*/
import "C"

import (
	"libcallkey/core/callkey"
	"libcallkey/core/epoch"
)

var groups = handles[*epoch.Epochs]{what: "epochs"}

// onEpochs runs work in the frame, on the epochs of an open handle.
func onEpochs(text *C.char, token C.callkey_epochs, work func(e *epoch.Epochs) error) C.callkey_status {
	return frame(text, func() error { return groups.use(uint64(token), work) })
}

//export ck_epochs_new
func ck_epochs_new(text *C.char, out *C.callkey_epochs) C.callkey_status {
	return frame(text, func() error {
		*out = C.callkey_epochs(groups.add(new(epoch.Epochs)))
		return nil
	})
}

//export ck_epochs_free
func ck_epochs_free(text *C.char, token C.callkey_epochs) C.callkey_status {
	return frame(text, func() error {
		e, err := groups.remove(uint64(token))
		if err != nil {
			return err
		}
		e.Wipe()
		return nil
	})
}

//export ck_epochs_add
func ck_epochs_add(text *C.char, token C.callkey_epochs, transaction C.uint32_t, secret *C.uint8_t, secretLen C.size_t) C.callkey_status {
	return onEpochs(text, token, func(e *epoch.Epochs) error {
		return e.Add(uint32(transaction), bytesAt(secret, secretLen))
	})
}

//export ck_epochs_roster
func ck_epochs_roster(text *C.char, token C.callkey_epochs, transaction C.uint32_t) C.callkey_status {
	return onEpochs(text, token, func(e *epoch.Epochs) error {
		e.Roster(uint32(transaction))
		return nil
	})
}

//export ck_epochs_current
func ck_epochs_current(text *C.char, token C.callkey_epochs, secret *C.uint8_t, transaction *C.uint32_t) C.callkey_status {
	return onEpochs(text, token, func(e *epoch.Epochs) error {
		number, err := e.Current(array[[callkey.Bytes]byte](secret))
		*transaction = C.uint32_t(number)
		return err
	})
}
