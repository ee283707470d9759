package session_test

import (
	"bytes"
	"testing"

	"libcallkey/core/session"
	"libcallkey/core/status"
	"libcallkey/testdata/vectors"
)

// If this failed, a device would publish an identity that is not that of its private key.
func TestAccountVectors(t *testing.T) {
	vectors.Each(t, "callkey_account_identity", func(t *testing.T, c vectors.Case) {
		own, err := session.OpenAccount(c.In.Number(t, "registration_id"), (*[32]byte)(c.In.Hex(t, "private_key")))
		if c.Error != "" {
			if got := status.Of(err).Name(); got != c.Error {
				t.Errorf("%v, want %s", err, c.Error)
			}
			return
		}
		if err != nil || own.RegistrationID != c.Out.Number(t, "registration_id") || !bytes.Equal(own.Public[:], c.Out.Hex(t, "public_key")) {
			t.Errorf("%+v, %v", own, err)
		}
	})
}

// If this failed, a program would fetch the wrong prekeys, or open what a peer's parser reads otherwise.
func TestMessageVectors(t *testing.T) {
	vectors.Each(t, "callkey_message_parse", func(t *testing.T, c vectors.Case) {
		kind := c.In.Number(t, "enc_type")
		if kind != 1 && kind != 2 {
			return // it is rejected in capi, where there are types of an enc
		}
		in, err := session.Parse(kind == 2, c.In.Hex(t, "ciphertext"))
		if c.Error != "" {
			if got := status.Of(err).Name(); got != c.Error {
				t.Errorf("%v, want %s", err, c.Error)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		first, ok := in.First()
		if ok != (kind == 2) || first.PrekeyID != c.Out.Number(t, "prekey_id") || first.SignedPrekeyID != c.Out.Number(t, "signed_prekey_id") ||
			first.RegistrationID != c.Out.Number(t, "registration_id") ||
			!bytes.Equal(first.Identity[:], c.Out.Hex(t, "identity_key")) || !bytes.Equal(first.BaseKey[:], c.Out.Hex(t, "base_key")) {
			t.Errorf("%+v", first)
		}
	})
}
