package main

/*
#include "callkey.h"
*/
import "C"

import (
	"unsafe"

	"libcallkey/core/callkey"
)

// array returns the caller's fixed array; the header names its size.
func array[T any](p *C.uint8_t) *T { return (*T)(unsafe.Pointer(p)) }

//export ck_generate
func ck_generate(text *C.char, key *C.uint8_t) C.callkey_status {
	return frame(text, func() error {
		return callkey.Generate(array[[callkey.Bytes]byte](key))
	})
}

//export ck_check
func ck_check(text *C.char, key *C.uint8_t, keyLen C.size_t) C.callkey_status {
	return frame(text, func() error {
		return callkey.Check(bytesAt(key, keyLen))
	})
}

//export ck_fingerprint
func ck_fingerprint(text *C.char, out, key *C.uint8_t, keyLen C.size_t) C.callkey_status {
	return frame(text, func() error {
		return callkey.Fingerprint(array[[C.CALLKEY_FINGERPRINT_BYTES]byte](out), bytesAt(key, keyLen))
	})
}
