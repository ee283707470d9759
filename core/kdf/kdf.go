// Package kdf is the key derivation under every media key: HMAC-SHA256 (RFC 2104),
// HKDF-SHA256 (RFC 5869) and the AES-CM function of SRTP (RFC 3711 §4.3), with almost
// no heap allocation.
//
// crypto/hkdf allocates 22 times for one key. Inside secret.Do each allocation is
// tracked for erasure and costs about a microsecond, which would make one media key
// cost 30 microseconds instead of 4. Here HMAC and HKDF keep every secret in fixed
// arrays on the stack, and AESCM allocates twice, because of crypto/aes. The primitives
// are crypto/sha256 and crypto/aes. The tests compare everything with crypto/hkdf and
// the RFCs' own vectors.
package kdf

import "crypto/sha256"

const (
	// Size is the output of HMAC-SHA256 in bytes.
	Size = sha256.Size
	// MaxInput is the limit for salt, message and info, each in bytes. Callers must
	// stay below it.
	MaxInput  = 640
	blockSize = sha256.BlockSize
)

// HMAC sets out to HMAC-SHA256(key, message), where message is the concatenation
// of parts. It panics if the parts together exceed MaxInput bytes.
func HMAC(out *[Size]byte, key []byte, parts ...[]byte) {
	var pad [blockSize]byte
	if len(key) > blockSize {
		sum := sha256.Sum256(key)
		copy(pad[:], sum[:])
		clear(sum[:])
	} else {
		copy(pad[:], key)
	}
	var buf [blockSize + MaxInput]byte
	for i, b := range pad {
		buf[i] = b ^ 0x36
	}
	n := blockSize
	for _, p := range parts {
		if len(p) > len(buf)-n {
			panic("kdf: input over MaxInput")
		}
		n += copy(buf[n:], p)
	}
	inner := sha256.Sum256(buf[:n])
	for i, b := range pad {
		buf[i] = b ^ 0x5c
	}
	copy(buf[blockSize:], inner[:])
	*out = sha256.Sum256(buf[:blockSize+Size])
	clear(pad[:])
	clear(buf[:max(n, blockSize+Size)])
	clear(inner[:])
}

// LongHMAC is HMAC without a bound on the message, for a key of at most 64 bytes. Unlike
// crypto/hmac it clears its memory, and allocates once.
func LongHMAC(out *[Size]byte, key []byte, parts ...[]byte) {
	if len(key) > blockSize {
		panic("kdf: key over a block")
	}
	n := blockSize
	for _, p := range parts {
		n += len(p)
	}
	buf := make([]byte, blockSize, n)
	var outer [blockSize + Size]byte
	copy(buf, key)
	copy(outer[:], key)
	for i := range blockSize {
		buf[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	for _, p := range parts {
		buf = append(buf, p...)
	}
	inner := sha256.Sum256(buf)
	copy(outer[blockSize:], inner[:])
	*out = sha256.Sum256(outer[:])
	clear(buf)
	clear(outer[:])
	clear(inner[:])
}

// Extract sets prk to the pseudorandom key of RFC 5869 §2.2. A nil salt and a salt
// of 32 zero bytes are the same.
func Extract(prk *[Size]byte, salt, ikm []byte) { HMAC(prk, salt, ikm) }

// Expand fills out from prk and info (RFC 5869 §2.3). out is at most 255*32 bytes long;
// beyond that it panics, because the block counter would repeat.
func Expand(out []byte, prk *[Size]byte, info []byte) {
	if len(out) > 255*Size {
		panic("kdf: output over 255 blocks")
	}
	var t [Size]byte
	var counter [1]byte
	previous := t[:0]
	for len(out) > 0 {
		counter[0]++
		HMAC(&t, prk[:], previous, info, counter[:])
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
