// Package kdf is the key derivation under every media key: HMAC-SHA256 (RFC 2104),
// HKDF-SHA256 (RFC 5869) and the AES-CM function of SRTP (RFC 3711 §4.3), without
// heap allocation.
//
// crypto/hkdf allocates 22 times for one key. Inside secret.Do each allocation is
// tracked for erasure and costs about half a microsecond, which would make one media key
// cost 30 microseconds instead of 1. Here HMAC and HKDF keep every secret in fixed
// arrays on the stack. The hash is package digest's, the cipher package aes's. The tests
// compare everything with crypto/hkdf and the RFCs' own vectors.
package kdf

import "libcallkey/core/kdf/digest"

const (
	// Size is the output of HMAC-SHA256 in bytes.
	Size      = digest.Bytes
	blockSize = digest.BlockBytes
)

// noSalt is the salt of 32 zero bytes, which is no secret.
var noSalt = func() (k Key) { k.Set(nil); return k }()

// Extract sets prk to the pseudorandom key of RFC 5869 §2.2. A nil salt and a salt
// of 32 zero bytes are the same.
func Extract(prk *[Size]byte, salt, ikm []byte) {
	if salt == nil {
		noSalt.HMAC(prk, ikm)
		return
	}
	HMAC(prk, salt, ikm)
}

// Expand fills out from prk and info (RFC 5869 §2.3). out is at most 255*32 bytes long;
// beyond that it panics, because the block counter would repeat.
func Expand(out []byte, prk *[Size]byte, info []byte) {
	var key Key
	key.Set(prk[:])
	key.Expand(out, info)
	key.Clear()
}

// Expand is the function Expand with k made of the pseudorandom key, for several infos. It never
// changes k.
func (k *Key) Expand(out, info []byte) {
	if len(out) > 255*Size {
		panic("kdf: output over 255 blocks")
	}
	var t [Size]byte
	var counter [1]byte
	previous := t[:0]
	for len(out) > 0 {
		counter[0]++
		k.HMAC(&t, previous, info, counter[:])
		previous = t[:]
		out = out[copy(out, t[:]):]
	}
	clear(t[:])
}

// HKDF fills out with HKDF-SHA256(salt, ikm, info): Extract, then Expand.
func HKDF(out, salt, ikm, info []byte) {
	var prk [Size]byte
	Extract(&prk, salt, ikm)
	Expand(out, &prk, info)
	clear(prk[:])
}
