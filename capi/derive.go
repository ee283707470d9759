package main

/*
#include "callkey.h"
*/
import "C"

import (
	"unsafe"

	"libcallkey/core/derive"
	"libcallkey/core/status"
)

// srtpKeys returns the caller's callkey_srtp_keys as derive.SRTPKeys, which has the
// same layout; the two declarations below check that.
func srtpKeys(p *C.callkey_srtp_keys) *derive.SRTPKeys {
	return (*derive.SRTPKeys)(unsafe.Pointer(p))
}

const srtpKeysBytes = unsafe.Sizeof(derive.SRTPKeys{})

var (
	_ [C.CALLKEY_SRTP_KEYS_BYTES]byte = [srtpKeysBytes]byte{}
	_ [C.CALLKEY_SRTP_KEYS_BYTES]byte = [C.sizeof_callkey_srtp_keys]byte{}
)

//export ck_participant_id
func ck_participant_id(text *C.char, out *C.char, outLen *C.size_t, jid *C.char) C.callkey_status {
	return frame(text, func() error {
		s, err := textAt("jid", jid, maxTextBytes)
		if err != nil {
			return err
		}
		id, err := derive.ParticipantID(s)
		if err != nil {
			return err
		}
		return putText(out, outLen, id)
	})
}

//export ck_derive_e2e_keys
func ck_derive_e2e_keys(text *C.char, out *C.callkey_srtp_keys, key *C.uint8_t, keyLen C.size_t, participant *C.char) C.callkey_status {
	return frame(text, func() error {
		id, err := textAt("participant", participant, maxTextBytes)
		if err != nil {
			return err
		}
		return derive.E2EKeys(srtpKeys(out), bytesAt(key, keyLen), id)
	})
}

//export ck_derive_e2e_keys_raw
func ck_derive_e2e_keys_raw(text *C.char, out *C.callkey_srtp_keys, raw *C.uint8_t, rawLen C.size_t, participant *C.char) C.callkey_status {
	return frame(text, func() error {
		id, err := textAt("participant", participant, maxTextBytes)
		if err != nil {
			return err
		}
		return derive.E2EKeysRaw(srtpKeys(out), bytesAt(raw, rawLen), id)
	})
}

//export ck_derive_e2e_keys_batch
func ck_derive_e2e_keys_batch(text *C.char, out *C.callkey_srtp_keys, statuses *C.callkey_status, key *C.uint8_t, keyLen C.size_t, participants **C.char, n C.size_t) C.callkey_status {
	return frame(text, func() error {
		ids, refused, err := textsAt("participants", participants, n)
		if err != nil {
			return err
		}
		codes := codesAt(statuses, n)
		// A rejected text is "" in ids, so its keys are zero; only its status differs.
		if err := derive.E2EKeysBatch(listAt(srtpKeys(out), n), codes, bytesAt(key, keyLen), ids); err != nil {
			return err
		}
		overrule(codes, refused)
		return nil
	})
}

// codesAt returns the caller's array of statuses: both types are 32-bit numbers.
func codesAt(p *C.callkey_status, n C.size_t) []status.Code {
	return listAt((*status.Code)(unsafe.Pointer(p)), n)
}

// putStatuses writes the outcome for each device, if there is one.
func putStatuses(out *C.callkey_status, n C.size_t, codes []status.Code, refused []error) {
	if codes != nil {
		to := codesAt(out, n)
		copy(to, codes)
		overrule(to, refused)
	}
}

// overrule sets the status of each element with a rejected text.
func overrule(codes []status.Code, refused []error) {
	for i, err := range refused {
		if err != nil {
			codes[i] = status.Of(err)
		}
	}
}

//export ck_derive_e2e_sframe_key
func ck_derive_e2e_sframe_key(text *C.char, out, key *C.uint8_t, keyLen C.size_t, participant *C.char) C.callkey_status {
	return frame(text, func() error {
		id, err := textAt("participant", participant, maxTextBytes)
		if err != nil {
			return err
		}
		return derive.SFrameKey(array[[C.CALLKEY_SFRAME_KEY_BYTES]byte](out), bytesAt(key, keyLen), id)
	})
}

//export ck_derive_warp_auth_key
func ck_derive_warp_auth_key(text *C.char, out, key *C.uint8_t, keyLen C.size_t) C.callkey_status {
	return frame(text, func() error {
		return derive.WARPAuthKey(array[[C.CALLKEY_WARP_AUTH_KEY_BYTES]byte](out), bytesAt(key, keyLen))
	})
}

//export ck_warp_tag
func ck_warp_tag(text *C.char, out, authKey *C.uint8_t, authKeyLen C.size_t, packet *C.uint8_t, packetLen C.size_t, roc C.uint32_t) C.callkey_status {
	return frame(text, func() error {
		return derive.WARPTag(array[[C.CALLKEY_WARP_TAG_BYTES]byte](out), bytesAt(authKey, authKeyLen), bytesAt(packet, packetLen), uint32(roc))
	})
}

//export ck_derive_hbh_keys
func ck_derive_hbh_keys(text *C.char, out *C.callkey_srtp_keys, hbhKey *C.uint8_t, which C.uint32_t) C.callkey_status {
	return frame(text, func() error {
		return derive.HBHKeys(srtpKeys(out), array[[C.CALLKEY_HBH_KEY_BYTES]byte](hbhKey), derive.HBH(which))
	})
}

//export ck_derive_ssrcs
func ck_derive_ssrcs(text *C.char, out *C.uint32_t, callID, participant *C.char) C.callkey_status {
	return frame(text, func() error {
		call, err := textAt("call_id", callID, maxTextBytes)
		if err != nil {
			return err
		}
		id, err := textAt("participant", participant, maxTextBytes)
		if err != nil {
			return err
		}
		return derive.SSRCs((*[C.CALLKEY_SSRC_COUNT]uint32)(unsafe.Pointer(out)), call, id)
	})
}

//export ck_raw_e2e_decode
func ck_raw_e2e_decode(text *C.char, out *C.uint8_t, outLen *C.size_t, content *C.uint8_t, contentLen C.size_t) C.callkey_status {
	return frame(text, func() error {
		raw, err := derive.DecodeRawE2E(bytesAt(content, contentLen))
		if err != nil {
			return err
		}
		return putSecret(out, outLen, raw)
	})
}

//export ck_select_participant
func ck_select_participant(text *C.char, index *C.size_t, key *C.uint8_t, keyLen C.size_t, participants **C.char, n C.size_t, packet *C.uint8_t, packetLen C.size_t, roc, tagLen C.uint32_t) C.callkey_status {
	return frame(text, func() error {
		// A rejected text is "" in ids, which no packet matches.
		ids, _, err := textsAt("participants", participants, n)
		if err != nil {
			return err
		}
		found, err := derive.SelectParticipant(bytesAt(key, keyLen), ids, bytesAt(packet, packetLen), uint32(roc), int(min(tagLen, 1<<16)))
		if err != nil {
			return err
		}
		*index = C.size_t(found)
		return nil
	})
}
