package kdf_test

import (
	"bytes"
	"testing"

	"libcallkey/core/kdf"
	"libcallkey/testdata/vectors"
)

// If this failed, the library's HKDF would not be RFC 5869's, and no peer's keys would match.
func TestRFC5869(t *testing.T) {
	vectors.Each(t, "primitive_hkdf_sha256", func(t *testing.T, c vectors.Case) {
		salt, ikm, info := c.In.Hex(t, "salt"), c.In.Hex(t, "ikm"), c.In.Hex(t, "info")
		var prk [kdf.Size]byte
		kdf.Extract(&prk, salt, ikm)
		if !bytes.Equal(prk[:], c.Out.Hex(t, "prk")) {
			t.Error("the pseudorandom key differs")
		}
		okm := make([]byte, c.In.Number(t, "length"))
		kdf.HKDF(okm, salt, ikm, info)
		if !bytes.Equal(okm, c.Out.Hex(t, "okm")) {
			t.Error("the output differs")
		}
	})
}

// If this failed, session keys would not be those that every SRTP library derives.
func TestRFC3711(t *testing.T) {
	vectors.Each(t, "primitive_srtp_kdf", func(t *testing.T, c vectors.Case) {
		var key [16]byte
		var salt [14]byte
		copy(key[:], c.In.Hex(t, "master_key"))
		copy(salt[:], c.In.Hex(t, "master_salt"))
		outs := make([][]byte, c.In.Number(t, "label")+1)
		last := make([]byte, c.In.Number(t, "length"))
		outs[len(outs)-1] = last
		kdf.AESCM(&key, &salt, outs...)
		if !bytes.Equal(last, c.Out.Hex(t, "key")) {
			t.Error("the session key differs")
		}
	})
}
