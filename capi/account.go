package main

/*
#include "callkey.h"
*/
import "C"

import (
	"libcallkey/core/session"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
)

// withAccount runs work on the account, which it wipes afterwards.
func withAccount(account *C.callkey_account, work func(own *session.Account) error) error {
	if err := reservedAt("account->reserved", account.reserved); err != nil {
		return err
	}
	own, err := session.OpenAccount(uint32(account.registration_id), privateKey(&account.private_key[0]))
	if err != nil {
		return err
	}
	defer own.Wipe()
	return work(own)
}

//export ck_account_generate
func ck_account_generate(text *C.char, out *C.callkey_account) C.callkey_status {
	return frame(text, func() error {
		out.registration_id = C.uint32_t(session.GenerateAccount(privateKey(&out.private_key[0]), session.System))
		return nil
	})
}

//export ck_account_identity
func ck_account_identity(text *C.char, out *C.callkey_identity, account *C.callkey_account) C.callkey_status {
	return frame(text, func() error {
		return withAccount(account, func(own *session.Account) error {
			out.registration_id = C.uint32_t(own.RegistrationID)
			putArray(&out.public_key, own.Public)
			return nil
		})
	})
}

//export ck_account_sign
func ck_account_sign(text *C.char, signature *C.uint8_t, account *C.callkey_account, message *C.uint8_t, messageLen C.size_t) C.callkey_status {
	return frame(text, func() error {
		return withAccount(account, func(own *session.Account) error {
			*array[[C.CALLKEY_SIGNATURE_BYTES]byte](signature) = own.Sign(bytesAt(message, messageLen))
			return nil
		})
	})
}

//export ck_prekey_generate
func ck_prekey_generate(text *C.char, out *C.callkey_prekey, private *C.uint8_t, id C.uint32_t) C.callkey_status {
	return frame(text, func() error {
		public, err := session.GeneratePrekey(privateKey(private), uint32(id), session.System)
		if err != nil {
			return err
		}
		out.id = id
		putArray(&out.public_key, public)
		return nil
	})
}

//export ck_signed_prekey_generate
func ck_signed_prekey_generate(text *C.char, out *C.callkey_signed_prekey, private *C.uint8_t, account *C.callkey_account, id C.uint32_t) C.callkey_status {
	return frame(text, func() error {
		return withAccount(account, func(own *session.Account) error {
			public, signature, err := session.GenerateSignedPrekey(privateKey(private), own, uint32(id), session.System)
			if err != nil {
				return err
			}
			out.id = id
			putArray(&out.public_key, public)
			putArray(&out.signature, signature)
			return nil
		})
	})
}

// isPrekeyMessage reads a type of <enc>. Errors: UNSUPPORTED.
func isPrekeyMessage(encType C.uint32_t) (bool, error) {
	t := stanza.EncType(encType)
	if t != stanza.EncMsg && t != stanza.EncPkmsg {
		return false, status.New(status.Unsupported, "enc_type is neither msg nor pkmsg")
	}
	return t == stanza.EncPkmsg, nil
}

//export ck_message_parse
func ck_message_parse(text *C.char, out *C.callkey_message_info, encType C.uint32_t, ciphertext *C.uint8_t, ciphertextLen C.size_t) C.callkey_status {
	return frame(text, func() error {
		prekey, err := isPrekeyMessage(encType)
		if err != nil {
			return err
		}
		in, err := session.Parse(prekey, bytesAt(ciphertext, ciphertextLen))
		if err != nil {
			return err
		}
		if first, ok := in.First(); ok {
			out.prekey_id = C.uint32_t(first.PrekeyID)
			out.signed_prekey_id = C.uint32_t(first.SignedPrekeyID)
			out.registration_id = C.uint32_t(first.RegistrationID)
			putArray(&out.identity_key, first.Identity)
			putArray(&out.base_key, first.BaseKey)
		}
		return nil
	})
}
