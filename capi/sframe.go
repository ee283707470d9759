package main

/*
#include "callkey.h"
*/
import "C"

import (
	"unsafe"

	"libcallkey/core/sframe"
)

var _ [C.CALLKEY_SFRAME_OVERHEAD_MAX_BYTES]byte = [sframe.OverheadMaxBytes]byte{}

//export ck_sframe_seal
func ck_sframe_seal(text *C.char, out *C.uint8_t, outLen *C.size_t, key *C.uint8_t, keyLen C.size_t, payload *C.uint8_t, payloadLen C.size_t, counter, keyID C.uint64_t) C.callkey_status {
	return frame(text, func() error {
		from := bytesAt(payload, payloadLen)
		to := frameAt(out, outLen, from, uint64(counter), uint64(keyID))
		sealed, err := sframe.Seal(to, bytesAt(key, keyLen), from, uint64(counter), uint64(keyID))
		if err != nil {
			return err
		}
		return put(out, outLen, sealed)
	})
}

// frameAt returns the output, empty, if the frame for a payload fits and the payload is not
// in it. If not it returns nil: then the frame is made elsewhere, for its size, or for a
// caller that broke the contract's rule on overlaps.
func frameAt(out *C.uint8_t, outLen *C.size_t, payload []byte, counter, keyID uint64) []byte {
	if len(payload) > sframe.MaxPayloadBytes {
		return nil
	}
	need := sframe.SealedBytes(len(payload), counter, keyID)
	if need > room(outLen) {
		return nil
	}
	to := bytesAt(out, C.size_t(need))
	if overlap(to, payload) {
		return nil
	}
	return to[:0]
}

//export ck_sframe_open
func ck_sframe_open(text *C.char, out *C.uint8_t, outLen *C.size_t, counter, keyID *C.uint64_t, key *C.uint8_t, keyLen C.size_t, sealed *C.uint8_t, sealedLen C.size_t) C.callkey_status {
	return frame(text, func() error {
		// Authenticate first: before that, reveal nothing about the frame, not even its
		// size.
		from := bytesAt(sealed, sealedLen)
		opened, err := sframe.Open(payloadAt(out, outLen, from), bytesAt(key, keyLen), from)
		if err != nil {
			return err
		}
		if unsafe.SliceData(opened.Payload) == (*byte)(unsafe.Pointer(out)) {
			*outLen = C.size_t(len(opened.Payload))
		} else if err := putSecret(out, outLen, opened.Payload); err != nil {
			return err
		}
		*counter, *keyID = C.uint64_t(opened.Counter), C.uint64_t(opened.KeyID)
		return nil
	})
}

// payloadAt returns the output, empty, with as much of its capacity as a payload may need, unless the
// frame is in it: then, and if it is too small, the payload is made elsewhere.
func payloadAt(out *C.uint8_t, outLen *C.size_t, frame []byte) []byte {
	to := bytesAt(out, C.size_t(min(room(outLen), len(frame))))
	if overlap(to, frame) {
		return nil
	}
	return to[:0]
}
