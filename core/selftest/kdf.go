package selftest

import (
	"libcallkey/core/kdf"
)

var kdfPrimitives = []primitive{
	// RFC 5869 A.1.
	{"HKDF-SHA256", "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865", func() []byte {
		var out [42]byte
		kdf.HKDF(out[:], unhex("000102030405060708090a0b0c"),
			unhex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), unhex("f0f1f2f3f4f5f6f7f8f9"))
		return out[:]
	}},
}
