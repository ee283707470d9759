package main

/*
#include "callkey.h"
*/
import "C"

import (
	"libcallkey/core/sframe"
)

var _ [C.CALLKEY_SFRAME_OVERHEAD_MAX_BYTES]byte = [sframe.OverheadMaxBytes]byte{}

//export ck_sframe_seal
func ck_sframe_seal(text *C.char, out *C.uint8_t, outLen *C.size_t, key *C.uint8_t, keyLen C.size_t, payload *C.uint8_t, payloadLen C.size_t, counter, keyID C.uint64_t) C.callkey_status {
	return frame(text, func() error {
		sealed, err := sframe.Seal(bytesAt(key, keyLen), bytesAt(payload, payloadLen), uint64(counter), uint64(keyID))
		if err != nil {
			return err
		}
		return put(out, outLen, sealed)
	})
}

//export ck_sframe_open
func ck_sframe_open(text *C.char, out *C.uint8_t, outLen *C.size_t, counter, keyID *C.uint64_t, key *C.uint8_t, keyLen C.size_t, sealed *C.uint8_t, sealedLen C.size_t) C.callkey_status {
	return frame(text, func() error {
		// Authenticate first: before that, reveal nothing about the frame, not even its
		// size.
		opened, err := sframe.Open(bytesAt(key, keyLen), bytesAt(sealed, sealedLen))
		if err != nil {
			return err
		}
		if err := putSecret(out, outLen, opened.Payload); err != nil {
			return err
		}
		*counter, *keyID = C.uint64_t(opened.Counter), C.uint64_t(opened.KeyID)
		return nil
	})
}
