package main

/*
#include "callkey.h"
*/
import "C"

import (
	"unsafe"

	"libcallkey/core/secret"
	"libcallkey/core/session"
	"libcallkey/core/status"
)

func timeAt(now C.uint64_t) (int64, error) {
	if now > session.LastSecond {
		return 0, status.New(status.Argument, "now is after the year 9999: it is not in seconds")
	}
	return int64(now), nil
}

// keysAt reads what a program knows beside a record, in the caller's memory. The shim has replaced
// the account by this library's version of it.
func keysAt(keys *C.callkey_record_keys) (*session.Keys, error) {
	k := &session.Keys{
		Prekey:       privateKey(keys.prekey_private),
		SignedPrekey: privateKey(keys.signed_prekey_private),
	}
	if keys.account != nil {
		if err := reservedAt("keys->account->reserved", keys.account.reserved); err != nil {
			return nil, err
		}
		k.RegistrationID = uint32(keys.account.registration_id)
		k.Private = privateKey(&keys.account.private_key[0])
	}
	k.Identity = identityAt(keys.identity_key)
	return k, nil
}

// identityAt is the caller's memory of an identity key, nil for NULL.
func identityAt(p *C.uint8_t) []byte {
	if p == nil {
		return nil
	}
	return bytesAt(p, C.CALLKEY_PUBLIC_KEY_BYTES)
}

// onRecord runs work in the frame, with the keys and the time of a call.
func onRecord(text *C.char, keys *C.callkey_record_keys, now C.uint64_t, work func(k *session.Keys, now int64) error) C.callkey_status {
	return frame(text, func() error {
		k, err := keysAt(keys)
		if err != nil {
			return err
		}
		at, err := timeAt(now)
		if err != nil {
			return err
		}
		return work(k, at)
	})
}

// inputs lists the caller's memory that a call reads. The account is none of it, but a copy.
func inputs(k *session.Keys, others ...[]byte) [][]byte {
	all := append(others, k.Identity)
	for _, key := range []*[C.CALLKEY_PRIVATE_KEY_BYTES]byte{k.Prekey, k.SignedPrekey} {
		if key != nil {
			all = append(all, key[:])
		}
	}
	return all
}

// written is an output and what belongs into it.
type written struct {
	name string
	out  *C.uint8_t
	n    *C.size_t
	data []byte
}

// place is the caller's memory that it takes.
func (w written) place() []byte { return bytesAt(w.out, C.size_t(len(w.data))) }

// putAll writes the outputs of a call that only the caller may keep, and wipes the data: all of them,
// or none. BUFFER tells the size of each; ARGUMENT means that one overlaps an input or another.
func putAll(inputs [][]byte, outputs ...written) (err error) {
	secret.Do(func() {
		err = putEach(inputs, outputs)
		for _, w := range outputs {
			secret.Wipe(w.data)
		}
	})
	return err
}

func putEach(inputs [][]byte, outputs []written) error {
	for _, w := range outputs {
		if err := status.Fits(len(w.data), room(w.n), "bytes"); err != nil {
			for _, w := range outputs {
				*w.n = C.size_t(len(w.data))
			}
			return err
		}
	}
	taken := inputs
	for _, w := range outputs {
		for _, other := range taken {
			if overlap(w.place(), other) {
				return status.New(status.Argument, "%s overlaps an input or another output", w.name)
			}
		}
		taken = append(taken[:len(taken):len(taken)], w.place())
	}
	for _, w := range outputs {
		copy(w.place(), w.data)
		*w.n = C.size_t(len(w.data))
	}
	return nil
}

func overlap(a, b []byte) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	x, y := uintptr(unsafe.Pointer(&a[0])), uintptr(unsafe.Pointer(&b[0]))
	return x < y+uintptr(len(b)) && y < x+uintptr(len(a))
}

//export ck_record_begin
func ck_record_begin(text *C.char, recordOut *C.uint8_t, recordOutLen *C.size_t, record *C.uint8_t, recordLen C.size_t, keys *C.callkey_record_keys, bundle *C.callkey_prekey_bundle, now C.uint64_t) C.callkey_status {
	return onRecord(text, keys, now, func(k *session.Keys, now int64) error {
		b, err := bundleAt("bundle", bundle)
		if err != nil {
			return err
		}
		before := bytesAt(record, recordLen)
		next, err := session.BeginRecord(before, k, b, now, session.System)
		if err != nil {
			return err
		}
		return putAll(inputs(k, before), written{"record_out", recordOut, recordOutLen, next})
	})
}

//export ck_record_seal
func ck_record_seal(text *C.char, recordOut *C.uint8_t, recordOutLen *C.size_t, ciphertext *C.uint8_t, ciphertextLen *C.size_t, encType *C.uint32_t, record *C.uint8_t, recordLen C.size_t, keys *C.callkey_record_keys, plaintext *C.uint8_t, plaintextLen C.size_t, now C.uint64_t) C.callkey_status {
	return onRecord(text, keys, now, func(k *session.Keys, now int64) error {
		before, message := bytesAt(record, recordLen), bytesAt(plaintext, plaintextLen)
		next, sealed, err := session.SealRecord(before, k, message, now)
		if err != nil {
			return err
		}
		err = putAll(inputs(k, before, message),
			written{"record_out", recordOut, recordOutLen, next},
			written{"ciphertext", ciphertext, ciphertextLen, sealed.Bytes})
		if err != nil {
			return err
		}
		*encType = C.CALLKEY_ENC_MSG
		if sealed.Prekey {
			*encType = C.CALLKEY_ENC_PKMSG
		}
		return nil
	})
}

//export ck_record_open
func ck_record_open(text *C.char, recordOut *C.uint8_t, recordOutLen *C.size_t, plaintext *C.uint8_t, plaintextLen *C.size_t, senderIdentity *C.uint8_t, record *C.uint8_t, recordLen C.size_t, keys *C.callkey_record_keys, encType C.uint32_t, ciphertext *C.uint8_t, ciphertextLen C.size_t, now C.uint64_t) C.callkey_status {
	return onRecord(text, keys, now, func(k *session.Keys, now int64) error {
		prekey, err := isPrekeyMessage(encType)
		if err != nil {
			return err
		}
		before, message := bytesAt(record, recordLen), bytesAt(ciphertext, ciphertextLen)
		next, opened, sender, err := session.OpenRecord(before, k, prekey, message, now, session.System)
		if err != nil {
			return err
		}
		fixed := C.size_t(len(sender))
		return putAll(inputs(k, before, message),
			written{"record_out", recordOut, recordOutLen, next},
			written{"plaintext", plaintext, plaintextLen, opened},
			written{"sender_identity", senderIdentity, &fixed, sender[:]})
	})
}

//export ck_record_info
func ck_record_info(text *C.char, out *C.callkey_session_info, record *C.uint8_t, recordLen C.size_t, identityKey *C.uint8_t, now C.uint64_t) C.callkey_status {
	return frame(text, func() error {
		at, err := timeAt(now)
		if err != nil {
			return err
		}
		info, err := session.RecordInfo(bytesAt(record, recordLen), identityAt(identityKey), at)
		if err != nil {
			return err
		}
		putSessionInfo(out, &info)
		return nil
	})
}

//export ck_record_merge
func ck_record_merge(text *C.char, recordOut *C.uint8_t, recordOutLen *C.size_t, record *C.uint8_t, recordLen C.size_t, other *C.uint8_t, otherLen C.size_t) C.callkey_status {
	return frame(text, func() error {
		one, two := bytesAt(record, recordLen), bytesAt(other, otherLen)
		merged, err := session.MergeRecords(one, two)
		if err != nil {
			return err
		}
		return putAll([][]byte{one, two}, written{"record_out", recordOut, recordOutLen, merged})
	})
}
