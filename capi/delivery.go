package main

/*
#include "callkey.h"
*/
import "C"

import (
	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/store"
)

var _ [C.CALLKEY_MESSAGE_OVERHEAD_MAX_BYTES]byte = [session.OverheadMaxBytes]byte{}

//export ck_enc_seal
func ck_enc_seal(text *C.char, token C.callkey_store, out *C.uint8_t, outLen *C.size_t, encType *C.uint32_t, jid *C.char, key *C.uint8_t, keyLen C.size_t) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		device, err := textAt("jid", jid, maxTextBytes)
		if err != nil {
			return err
		}
		ciphertext, kind, err := offer.SealEnc(s, device, bytesAt(key, keyLen), room(outLen))
		if err != nil {
			return needing(outLen, err)
		}
		*encType = C.uint32_t(kind)
		return put(out, outLen, ciphertext)
	})
}

//export ck_enc_open
func ck_enc_open(text *C.char, token C.callkey_store, key *C.uint8_t, jid *C.char, encType, encVersion C.uint32_t, ciphertext *C.uint8_t, ciphertextLen C.size_t) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		device, err := textAt("jid", jid, maxTextBytes)
		if err != nil {
			return err
		}
		return offer.OpenEnc(s, array[[callkey.Bytes]byte](key), device, stanza.EncType(encType), uint32(encVersion), bytesAt(ciphertext, ciphertextLen))
	})
}

//export ck_message_seal
func ck_message_seal(text *C.char, token C.callkey_store, out *C.uint8_t, outLen *C.size_t, encType *C.uint32_t, jid *C.char, plaintext *C.uint8_t, plaintextLen C.size_t) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		device, err := textAt("jid", jid, maxTextBytes)
		if err != nil {
			return err
		}
		ciphertext, kind, err := offer.SealMessage(s, device, bytesAt(plaintext, plaintextLen), room(outLen))
		if err != nil {
			return needing(outLen, err)
		}
		*encType = C.uint32_t(kind)
		return put(out, outLen, ciphertext)
	})
}

//export ck_message_open
func ck_message_open(text *C.char, token C.callkey_store, out *C.uint8_t, outLen *C.size_t, jid *C.char, encType C.uint32_t, ciphertext *C.uint8_t, ciphertextLen C.size_t) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		device, err := textAt("jid", jid, maxTextBytes)
		if err != nil {
			return err
		}
		plaintext, err := offer.OpenMessage(s, device, stanza.EncType(encType), bytesAt(ciphertext, ciphertextLen), room(outLen))
		if err != nil {
			return needing(outLen, err)
		}
		return putSecret(out, outLen, plaintext)
	})
}

//export ck_message_seal_batch
func ck_message_seal_batch(text *C.char, token C.callkey_store, out *C.uint8_t, outLen, ends *C.size_t, statuses *C.callkey_status, encTypes *C.uint32_t, jids **C.char, plaintexts **C.uint8_t, plaintextLens *C.size_t, n C.size_t) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		devices, refused, err := textsAt("jids", jids, n)
		if err != nil {
			return err
		}
		sealed, err := offer.SealMessages(s, devices, piecesAt(plaintexts, plaintextLens, n), room(outLen))
		putTypes(encTypes, n, sealed.EncTypes)
		return putBatch(out, outLen, ends, statuses, n, sealed, refused, err)
	})
}

// putTypes writes the type of each device's ciphertext.
func putTypes(out *C.uint32_t, n C.size_t, types []stanza.EncType) {
	to := listAt(out, n)
	for i, kind := range types {
		to[i] = C.uint32_t(kind)
	}
}

// putBatch writes what was sealed for several devices, and passes err on.
func putBatch(out *C.uint8_t, outLen, ends *C.size_t, statuses *C.callkey_status, n C.size_t, sealed offer.Batch, refused []error, err error) error {
	putStatuses(statuses, n, sealed.Statuses, refused)
	if err != nil {
		return needing(outLen, err)
	}
	to := listAt(ends, n)
	for i, end := range sealed.Ends {
		to[i] = C.size_t(end)
	}
	return put(out, outLen, sealed.Bytes)
}

//export ck_message_done
func ck_message_done(text *C.char, token C.callkey_store, jid *C.char, ciphertext *C.uint8_t, ciphertextLen C.size_t) C.callkey_status {
	return onDevice(text, token, jid, func(s *store.Store, a signal.Address) error {
		return signal.Done(s, a, bytesAt(ciphertext, ciphertextLen))
	})
}

//export ck_offer_seal
func ck_offer_seal(text *C.char, token C.callkey_store, out *C.uint8_t, outLen *C.size_t, statuses *C.callkey_status, encTypes *C.uint32_t, key *C.uint8_t, keyLen C.size_t, jids **C.char, n C.size_t, options *C.callkey_offer_options) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		o, err := offerOptionsAt(options)
		if err != nil {
			return err
		}
		devices, refused, err := textsAt("jids", jids, n)
		if err != nil {
			return err
		}
		sealed, err := offer.Seal(s, bytesAt(key, keyLen), devices, o, room(outLen))
		return putOffer(out, outLen, statuses, encTypes, n, sealed, refused, err)
	})
}

//export ck_offer_begin
func ck_offer_begin(text *C.char, token C.callkey_store, out *C.uint8_t, outLen *C.size_t, statuses *C.callkey_status, encTypes *C.uint32_t, key *C.uint8_t, keyLen C.size_t, jids **C.char, bundles **C.callkey_prekey_bundle, n C.size_t, options *C.callkey_offer_options) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		o, err := offerOptionsAt(options)
		if err != nil {
			return err
		}
		devices, refused, err := textsAt("jids", jids, n)
		if err != nil {
			return err
		}
		published, err := bundlesAt("bundles", bundles, n)
		if err != nil {
			return err
		}
		sealed, err := offer.Begin(s, bytesAt(key, keyLen), devices, published, o, room(outLen))
		return putOffer(out, outLen, statuses, encTypes, n, sealed, refused, err)
	})
}

// putOffer writes an offer and what became of each device, and passes err on.
func putOffer(out *C.uint8_t, outLen *C.size_t, statuses *C.callkey_status, encTypes *C.uint32_t, n C.size_t, sealed offer.Sealed, refused []error, err error) error {
	defer sealed.Release()
	putStatuses(statuses, n, sealed.Statuses, refused)
	putTypes(encTypes, n, sealed.EncTypes)
	if err != nil {
		return needing(outLen, err)
	}
	return put(out, outLen, sealed.Wire)
}

//export ck_offer_open
func ck_offer_open(text *C.char, token C.callkey_store, key *C.uint8_t, info *C.callkey_call_info, wire *C.uint8_t, wireLen C.size_t, ownJIDs **C.char, nOwn C.size_t, senderJID *C.char) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		own, err := ownJIDsAt(ownJIDs, nOwn)
		if err != nil {
			return err
		}
		sender, err := optionalTextAt("sender_jid", senderJID)
		if err != nil {
			return err
		}
		said, err := offer.Open(s, array[[callkey.Bytes]byte](key), bytesAt(wire, wireLen), own, sender)
		putInfo(info, &said)
		return err
	})
}

//export ck_rekey_seal
func ck_rekey_seal(text *C.char, token C.callkey_store, out *C.uint8_t, outLen *C.size_t, epoch *C.uint8_t, epochLen C.size_t, transaction C.uint32_t, jid *C.char, options *C.callkey_offer_options) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		device, err := textAt("jid", jid, maxTextBytes)
		if err != nil {
			return err
		}
		o, err := callOptionsAt(options)
		if err != nil {
			return err
		}
		wire, err := offer.SealRekey(s, device, bytesAt(epoch, epochLen), uint32(transaction), o, room(outLen))
		if err != nil {
			return needing(outLen, err)
		}
		return put(out, outLen, wire)
	})
}

//export ck_rekey_seal_batch
func ck_rekey_seal_batch(text *C.char, token C.callkey_store, out *C.uint8_t, outLen, ends *C.size_t, statuses *C.callkey_status, epoch *C.uint8_t, epochLen C.size_t, transaction C.uint32_t, jids **C.char, n C.size_t, options *C.callkey_offer_options) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		devices, refused, err := textsAt("jids", jids, n)
		if err != nil {
			return err
		}
		o, err := callOptionsAt(options)
		if err != nil {
			return err
		}
		sealed, err := offer.SealRekeys(s, devices, bytesAt(epoch, epochLen), uint32(transaction), o, room(outLen))
		return putBatch(out, outLen, ends, statuses, n, sealed, refused, err)
	})
}

//export ck_rekey_open
func ck_rekey_open(text *C.char, token C.callkey_store, epoch *C.uint8_t, info *C.callkey_call_info, wire *C.uint8_t, wireLen C.size_t, senderJID *C.char) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		sender, err := optionalTextAt("sender_jid", senderJID)
		if err != nil {
			return err
		}
		said, err := offer.OpenRekey(s, array[[callkey.Bytes]byte](epoch), bytesAt(wire, wireLen), sender)
		putInfo(info, &said)
		return err
	})
}
