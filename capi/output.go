package main

/*
#include "callkey.h"
*/
import "C"

import (
	"errors"
	"unsafe"

	"libcallkey/core/curve"
	"libcallkey/core/offer"
	"libcallkey/core/secret"
	"libcallkey/core/status"
)

// room is the capacity of a variable output. A caller may claim more than is possible.
func room(capacity *C.size_t) int { return int(min(*capacity, 1<<30)) }

// put writes a variable output: all of it, or only the size needed, with BUFFER.
func put(out *C.uint8_t, outLen *C.size_t, data []byte) error {
	if err := roomFor(len(data), outLen); err != nil {
		return err
	}
	copy(bytesAt(out, C.size_t(len(data))), data)
	*outLen = C.size_t(len(data))
	return nil
}

// putSecret is put for a secret that only the caller may keep: it wipes data, and leaves
// none of it in a register.
func putSecret(out *C.uint8_t, outLen *C.size_t, data []byte) error {
	defer secret.Wipe(data)
	if err := roomFor(len(data), outLen); err != nil {
		return err
	}
	secret.Copy(bytesAt(out, C.size_t(len(data))), data)
	*outLen = C.size_t(len(data))
	return nil
}

// putText writes a variable output of text with its NUL.
func putText(out *C.char, outLen *C.size_t, text string) error {
	need := len(text) + 1
	if err := roomFor(need, outLen); err != nil {
		return err
	}
	to := unsafe.Slice((*byte)(unsafe.Pointer(out)), need)
	to[copy(to, text)] = 0
	*outLen = C.size_t(need)
	return nil
}

// roomFor is BUFFER, and tells the size needed, where a variable output is too small.
func roomFor(need int, outLen *C.size_t) error {
	return needing(outLen, status.Fits(need, room(outLen), "bytes"))
}

// needing passes err on. If a variable output was too small, it tells the caller the size
// that err carries.
func needing(outLen *C.size_t, err error) error {
	if small, ok := errors.AsType[*status.BufferError](err); ok {
		*outLen = C.size_t(small.Need)
	}
	return err
}

// putInfo writes what a stanza says about its call. The shim converts it to the
// caller's version of the struct.
func putInfo(out *C.callkey_call_info, info *offer.Info) {
	*out = C.callkey_call_info{
		kind:           C.uint32_t(info.Kind),
		keygen:         C.uint32_t(info.Keygen),
		enc_type:       C.uint32_t(info.EncType),
		enc_version:    C.uint32_t(info.EncVersion),
		transaction_id: C.uint32_t(info.TransactionID),
	}
	for _, flag := range []struct {
		set bool
		bit C.uint32_t
	}{
		{info.Video, C.CALLKEY_INFO_VIDEO},
		{info.Group, C.CALLKEY_INFO_GROUP},
		{info.Accept, C.CALLKEY_INFO_ACCEPT},
	} {
		if flag.set {
			out.flags |= flag.bit
		}
	}
	// Package stanza has checked the lengths of the texts.
	for _, text := range []struct {
		to   *[C.CALLKEY_JID_BYTES]C.char
		from string
	}{
		{&out.call_id, info.CallID},
		{&out.call_creator, info.CallCreator},
		{&out.from, info.From},
		{&out.sender, info.Sender},
	} {
		copy(unsafe.Slice((*byte)(unsafe.Pointer(text.to)), maxTextBytes), text.from)
	}
	copy(array[[curve.Bytes]byte](&out.sender_identity[0])[:], info.SenderIdentity[:])
}
