package curve

import (
	"bytes"
	"crypto/rand"
	"crypto/sha512"

	"filippo.io/edwards25519"

	"libcallkey/core/secret"
)

// Sign makes an XEdDSA signature of message with a Curve25519 private key.
func Sign(private *[Bytes]byte, message []byte) [SignatureBytes]byte {
	var signature [SignatureBytes]byte
	secret.Do(func() {
		var random [64]byte
		rand.Read(random[:])
		sign(&signature, private, message, &random)
	})
	return signature
}

// noncePrefix is hash1's of XEdDSA (§2.5): 2²⁵⁶-2, which no public key and no R is written as.
var noncePrefix = [Bytes]byte(append([]byte{0xfe}, bytes.Repeat([]byte{0xff}, Bytes-1)...))

// sign is xeddsa_sign ("The XEdDSA and VXEdDSA Signature Schemes", §3) as Signal's clients do
// it: they do not negate the private key where the public key on the Edwards curve has the sign
// 1, but keep the sign in the top bit of the signature, which the specification has as 0.
// Its time depends on the length of the message only.
func sign(signature *[SignatureBytes]byte, private *[Bytes]byte, message []byte, random *[64]byte) {
	clamped := *private
	Clamp(&clamped)
	var digest [sha512.Size]byte
	hash := sha512.New()
	hash.Write(noncePrefix[:])
	hash.Write(clamped[:])
	hash.Write(message)
	hash.Write(random[:])
	hash.Sum(digest[:0])

	var a, r, h edwards25519.Scalar
	var key, nonce edwards25519.Point
	a.SetBytesWithClamping(clamped[:])
	r.SetUniformBytes(digest[:])
	encoded := key.ScalarBaseMult(&a).Bytes()
	copy(signature[:], nonce.ScalarBaseMult(&r).Bytes())

	challenge(&h, signature, encoded, message)
	copy(signature[Bytes:], h.MultiplyAdd(&h, &a, &r).Bytes())
	signature[SignatureBytes-1] |= encoded[Bytes-1] & 0x80
}

// challenge sets h to SHA-512(R, A, message), for the R of a signature and a key A as Ed25519
// writes it (RFC 8032 §5.1.7).
func challenge(h *edwards25519.Scalar, signature *[SignatureBytes]byte, key, message []byte) {
	var digest [sha512.Size]byte
	hash := sha512.New()
	hash.Write(signature[:Bytes])
	hash.Write(key)
	hash.Write(message)
	hash.Sum(digest[:0])
	h.SetUniformBytes(digest[:])
}
