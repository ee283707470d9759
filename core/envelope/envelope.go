// Package envelope writes and reads the plaintext of an <enc>: the content of the
// Signal message that carries a call key to one device (CRY-01).
//
// It is the protobuf
//
//	Message { call = 10: Call { callKey = 1: bytes } }
//
// followed, for <enc v="2">, by 1 to 16 bytes of padding. Writing is exact to the byte;
// reading is as tolerant as protobuf (message.go), but strict about the padding
// (padding.go).
package envelope

import (
	"crypto/rand"

	"libcallkey/core/callkey"
	"libcallkey/core/secret"
	"libcallkey/core/status"
)

const (
	// bodyBytes is the protobuf of one call key: 52 22 0a 20 ‖ key.
	bodyBytes = 4 + callkey.Bytes
	// MaxBytes is the length of the longest plaintext from Encode.
	MaxBytes = bodyBytes + maxPadding
)

// Versions of <enc v="…">.
const (
	versionPadded = 2
	versionBare   = 3
)

// Lengths fills to with the lengths of plaintexts for <enc v="2">, 37 to 52 bytes. The number of
// pad bytes is random each time, uniform in 1..16.
func Lengths(to []byte) {
	rand.Read(to)
	for i, random := range to {
		to[i] = bodyBytes + 1 + random%maxPadding // 16 divides 256, so this is uniform
	}
}

// Write sets plaintext, with one of the Lengths, to that of a call key of 32 bytes. Call it inside
// secret.Do. It fails with INVALID_KEY, and clears plaintext, if key is all zero or becomes so
// during the call.
//
// wacrg:CRY-01
func Write(plaintext, key []byte) error {
	n := byte(len(plaintext) - bodyBytes)
	copy(plaintext, []byte{
		fieldCall<<3 | wireBytes, 2 + callkey.Bytes,
		fieldCallKey<<3 | wireBytes, callkey.Bytes,
	})
	copy(plaintext[4:], key)
	for i := bodyBytes; i < len(plaintext); i++ {
		plaintext[i] = n
	}
	if body := plaintext[4:bodyBytes]; secret.IsZero(body) {
		err := callkey.CheckGiven("call key", body)
		secret.Wipe(plaintext)
		return err
	}
	return nil
}

// Encode returns the padded plaintext for <enc v="2">. The caller wipes the result.
//
// It fails with KEY_LENGTH if key is not 32 bytes and as Write does.
func Encode(key []byte) ([]byte, error) {
	if err := callkey.Check(key); err != nil {
		return nil, err
	}
	var length [1]byte
	Lengths(length[:])
	plaintext := make([]byte, length[0]) // inside Do it would cost a microsecond
	var err error
	secret.Do(func() { err = Write(plaintext, key) })
	if err != nil {
		return nil, err
	}
	return plaintext, nil
}

// Decode sets out to the call key in plaintext, the content of an <enc v="version">: 2
// is padded, 3 is not.
//
// It fails with UNSUPPORTED for another version, MALFORMED for wrong padding, for bytes
// that are not a protobuf and for one without a call key, KEY_LENGTH for a call key that
// is not 32 bytes, and INVALID_KEY for 32 zero bytes: their sender had wiped the key, and
// anyone could decrypt the call's media. On failure out is zero.
//
// wacrg:CRY-01
func Decode(out *[callkey.Bytes]byte, plaintext []byte, version uint32) (err error) {
	secret.Do(func() { err = Read(out, plaintext, version) })
	return err
}

// Read is Decode. Call it inside secret.Do.
//
// wacrg:CRY-01
func Read(out *[callkey.Bytes]byte, plaintext []byte, version uint32) error {
	clear(out[:])
	body := plaintext
	switch version {
	case versionPadded:
		var ok bool
		if body, ok = unpad(plaintext); !ok {
			return unreadable()
		}
	case versionBare:
	default:
		return status.New(status.Unsupported, "enc version %d is unknown", version)
	}
	key, ok := findCallKey(body)
	switch {
	case !ok:
		return unreadable()
	case len(key) != callkey.Bytes:
		return status.New(status.KeyLength, "the message's call key is %d bytes, not %d", len(key), callkey.Bytes)
	case secret.IsZero(key):
		return status.New(status.InvalidKey, "the message's call key is all zero: its sender had wiped it")
	}
	copy(out[:], key)
	return nil
}

func unreadable() error {
	return status.New(status.Malformed, "plaintext is not a padded message with a call key")
}
