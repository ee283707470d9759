// Package callkey is the call key (CRY-01): the one secret that a caller makes for a
// call. Every media key of the call is derived from it.
//
// A call key is 32 bytes from the operating system's random source, without structure,
// fresh for every call id. It is never shortened, stretched or reused for another call;
// sending the same offer again (same call id) sends the same key again.
package callkey

import (
	"crypto/rand"

	"libcallkey/core/kdf"
	"libcallkey/core/secret"
	"libcallkey/core/status"
)

// Bytes is the size of a call key. CRY-01 rejects a shorter one; we also reject a
// longer one, because truncating it would hide that the caller passed something else.
const Bytes = 32

// Generate fills out with a new call key. It does not fail on any supported system: if
// the random source is broken, crypto/rand stops the process, which is better than a
// call that everyone can listen to.
//
// wacrg:CRY-01
func Generate(out *[Bytes]byte) error {
	secret.Do(func() { rand.Read(out[:]) })
	return nil
}

// Check returns KEY_LENGTH unless key has a call key's size.
func Check(key []byte) error {
	if len(key) != Bytes {
		return status.New(status.KeyLength, "call key is %d bytes, not %d", len(key), Bytes)
	}
	return nil
}

// CheckGiven checks a key that is about to be sent or was received; what names it in
// the error, a call key or an epoch. KEY_LENGTH if it is not 32 bytes, INVALID_KEY if
// they are all zero. No random source makes a zero key: it is a buffer that was wiped
// too early, and its receiver would take it for authentic.
func CheckGiven(what string, key []byte) error {
	if len(key) != Bytes {
		return status.New(status.KeyLength, "%s is %d bytes, not %d", what, len(key), Bytes)
	}
	wiped := secret.IsZero(key)
	secret.ClearRegisters()
	if wiped {
		return status.New(status.InvalidKey, "%s is all zero, like a wiped one", what)
	}
	return nil
}

// fingerprintLabel keys the fingerprint's HMAC. The protocol's own derivations from the
// call key use an all-zero HMAC key or a part of the call key itself, so no participant
// id, whatever its text, can make one of them equal to a fingerprint.
const fingerprintLabel = "libcallkey call key fingerprint"

// Fingerprint sets out to 8 bytes that identify key without revealing it, so that
// people can compare the two ends of a call in logs or on screens: the first 8 bytes of
// HMAC-SHA256(label, key). It is ours, not the protocol's; do not use it to
// authenticate anything. On error out is zero.
func Fingerprint(out *[8]byte, key []byte) error {
	if err := Check(key); err != nil {
		clear(out[:])
		return err
	}
	secret.Do(func() {
		var mac [kdf.Size]byte
		kdf.HMAC(&mac, []byte(fingerprintLabel), key)
		copy(out[:], mac[:])
		clear(mac[:])
	})
	return nil
}
