package main

/*
#include "callkey.h"
*/
import "C"

import (
	"libcallkey/core/callkey"
	"libcallkey/core/envelope"
	"libcallkey/core/offer"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
)

//export ck_plaintext_encode
func ck_plaintext_encode(text *C.char, out *C.uint8_t, outLen *C.size_t, key *C.uint8_t, keyLen C.size_t) C.callkey_status {
	return frame(text, func() error {
		if err := callkey.CheckGiven("call key", bytesAt(key, keyLen)); err != nil {
			return err
		}
		// The padding's length is random, so the size needed is the maximum: a caller
		// that retries with it must not fail again.
		if err := roomFor(envelope.MaxBytes, outLen); err != nil {
			return err
		}
		plaintext, err := envelope.Encode(bytesAt(key, keyLen))
		if err != nil {
			return err
		}
		return putSecret(out, outLen, plaintext)
	})
}

//export ck_plaintext_decode
func ck_plaintext_decode(text *C.char, key, plaintext *C.uint8_t, plaintextLen C.size_t, encVersion C.uint32_t) C.callkey_status {
	return frame(text, func() error {
		return envelope.Decode(array[[callkey.Bytes]byte](key), bytesAt(plaintext, plaintextLen), uint32(encVersion))
	})
}

//export ck_offer_build
func ck_offer_build(text *C.char, out *C.uint8_t, outLen *C.size_t, encs *C.callkey_enc, n C.size_t, options *C.callkey_offer_options) C.callkey_status {
	return frame(text, func() error {
		o, err := offerOptionsAt(options)
		if err != nil {
			return err
		}
		list, err := encsAt(encs, n)
		if err != nil {
			return err
		}
		wire, err := stanza.BuildOffer(list, o)
		if err != nil {
			return err
		}
		return put(out, outLen, wire)
	})
}

// encsAt reads the caller's ciphertexts; they are not copied.
func encsAt(p *C.callkey_enc, n C.size_t) ([]stanza.Enc, error) {
	encs := make([]stanza.Enc, n)
	for i := range listAt(p, n) {
		var err error
		if encs[i], err = encAt(&listAt(p, n)[i]); err != nil {
			return nil, status.New(status.Argument, "encs[%d]: %s", i, err.Error())
		}
	}
	return encs, nil
}

func encAt(p *C.callkey_enc) (enc stanza.Enc, err error) {
	// Only a lone <enc> needs no JID; package stanza decides.
	if p.jid != nil {
		if enc.JID, err = textAt("jid", p.jid, maxTextBytes); err != nil {
			return enc, err
		}
	}
	enc.Type = stanza.EncType(p.enc_type)
	enc.Ciphertext, err = blobAt("ciphertext", p.ciphertext, p.ciphertext_len)
	return enc, err
}

//export ck_offer_parse
func ck_offer_parse(text *C.char, ciphertext *C.uint8_t, ciphertextLen *C.size_t, info *C.callkey_call_info, wire *C.uint8_t, wireLen C.size_t, ownJIDs **C.char, nOwn C.size_t) C.callkey_status {
	return frame(text, func() error {
		own, err := ownJIDsAt(ownJIDs, nOwn)
		if err != nil {
			return err
		}
		said, enc, err := offer.Parse(bytesAt(wire, wireLen), own)
		putInfo(info, &said)
		if err != nil {
			return err
		}
		return put(ciphertext, ciphertextLen, enc)
	})
}

//export ck_rekey_build
func ck_rekey_build(text *C.char, out *C.uint8_t, outLen *C.size_t, enc *C.callkey_enc, transaction C.uint32_t, options *C.callkey_offer_options) C.callkey_status {
	return frame(text, func() error {
		o, err := callOptionsAt(options)
		if err != nil {
			return err
		}
		sealed, err := encAt(enc)
		if err != nil {
			return status.New(status.Argument, "enc: %s", err.Error())
		}
		wire, err := stanza.BuildRekey(sealed, uint32(transaction), o)
		if err != nil {
			return err
		}
		return put(out, outLen, wire)
	})
}

//export ck_stanza_to_xml
func ck_stanza_to_xml(text *C.char, out *C.char, outLen *C.size_t, wire *C.uint8_t, wireLen C.size_t) C.callkey_status {
	return frame(text, func() error {
		xml, err := stanza.XML(bytesAt(wire, wireLen))
		if err != nil {
			return err
		}
		return putText(out, outLen, xml)
	})
}

//export ck_stanza_from_xml
func ck_stanza_from_xml(text *C.char, out *C.uint8_t, outLen *C.size_t, xml *C.char) C.callkey_status {
	return frame(text, func() error {
		view, err := textAt("xml", xml, stanza.MaxXMLBytes)
		if err != nil {
			return err
		}
		wire, err := stanza.FromXML(view)
		if err != nil {
			return err
		}
		return put(out, outLen, wire)
	})
}
