// Package curve is Curve25519 as Signal uses it: X25519 agreement (RFC 7748) on raw
// 32-byte keys, the check of public keys, and XEdDSA signatures.
//
// Agreement is github.com/cloudflare/circl's: one scalar multiplication per
// Diffie-Hellman, keys in fixed arrays that can be wiped, and a clear result when the
// shared secret is zero. Public keys are computed and signatures verified with circl's field
// arithmetic, which adds points faster, or in lanes, and keys of others are checked with
// filippo.io/edwards25519's, which has the faster powers. Signatures are made over the latter.
package curve

import (
	"crypto/rand"

	"github.com/cloudflare/circl/dh/x25519"

	"libcallkey/core/secret"
	"libcallkey/core/status"
)

// Bytes is the size of a private or a public key.
const Bytes = 32

// TypeByte stands before a public key in Signal messages and records. A prekey
// signature covers it.
const TypeByte = 5

// SignatureBytes is the size of an XEdDSA signature.
const SignatureBytes = 64

// Generate makes a key pair from the operating system's CSPRNG.
func Generate(private, public *[Bytes]byte) {
	secret.Do(func() {
		rand.Read(private[:])
		Clamp(private)
		multiplyBase(public, private)
	})
}

// Clamp makes any 32 bytes a valid X25519 scalar (RFC 7748 §5).
func Clamp(private *[Bytes]byte) {
	private[0] &= 248
	private[31] = private[31]&127 | 64
}

// Public computes the public key of private.
func Public(public, private *[Bytes]byte) {
	secret.Do(func() { multiplyBase(public, private) })
}

// IsPublic reports whether public is the public key of private, as Public writes it. It takes less
// time than Public.
func IsPublic(public, private *[Bytes]byte) (is bool) {
	secret.Do(func() { is = isMultipleOfBase(public, private) })
	return is
}

// Agree computes the shared secret of private and public. A public key of low order is
// INVALID_KEY: it would give a zero secret with any private key.
func Agree(shared, private, public *[Bytes]byte) error {
	var good bool
	secret.Do(func() { good = agree(shared, private, public) })
	if !good {
		return status.New(status.InvalidKey, "public key of low order")
	}
	return nil
}

// agree is Agree inside secret.Do. It sets shared to zero and returns false for a key of low order.
func agree(shared, private, public *[Bytes]byte) bool {
	good := x25519.Shared((*x25519.Key)(shared), (*x25519.Key)(private), (*x25519.Key)(public))
	if !good {
		clear(shared[:])
	}
	return good
}

// Typed returns public with the type byte before it: 33 bytes.
func Typed(public *[Bytes]byte) [1 + Bytes]byte {
	var typed [1 + Bytes]byte
	typed[0] = TypeByte
	copy(typed[1:], public[:])
	return typed
}
