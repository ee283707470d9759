// Package sframe seals and opens single media frames in these calls' own variant of
// SFrame, which no stock library supports:
//
//	ciphertext ‖ tag, 16 bytes ‖ LEB128(counter) ‖ LEB128(key id) ‖ trailer length, 1 byte
//
// The cipher is AES-128-GCM under the first 16 bytes of the 32-byte key from
// derive.SFrameKey. The nonce is 16 bytes: 8 zero bytes and the counter as 8 bytes LE;
// GCM hashes a nonce of that size. There is no additional data.
//
// Nothing is kept between frames. So the sender must never use a counter twice under one key (two
// frames with one nonce reveal their difference and the authentication key), and the receiver must
// detect repeated frames. The counter of a frame that opens is authentic, because it is in the
// nonce. The key id is not: nothing covers it.
//
// wacrg:CRY-04
package sframe

import (
	"encoding/binary"
	"slices"

	"libcallkey/core/aes"
	"libcallkey/core/secret"
	"libcallkey/core/status"
)

const (
	KeyBytes = 32 // as derived; the cipher takes the first 16
	TagBytes = aes.TagBytes

	// MaxTrailerBytes is two numbers of 64 bits in LEB128, and the length.
	MaxTrailerBytes = 2*binary.MaxVarintLen64 + 1

	// OverheadMaxBytes is the most that sealing adds to a payload.
	OverheadMaxBytes = TagBytes + MaxTrailerBytes

	// MaxPayloadBytes is the limit of a frame's payload, far above any picture.
	MaxPayloadBytes = 1 << 24
)

// SealedBytes is the size of the frame for a payload of n bytes.
func SealedBytes(n int, counter, keyID uint64) int {
	var trailer [MaxTrailerBytes]byte
	return n + TagBytes + len(appendTrailer(trailer[:0], counter, keyID))
}

// Seal appends the frame for a payload, which may be empty, to dst. With SealedBytes of capacity
// left nothing is allocated for it; then payload must not overlap dst's memory. After an error
// dst's memory is unchanged.
//
// Errors: KEY_LENGTH; INVALID_KEY for a key of zeros, which everyone has; ARGUMENT for a
// payload over MaxPayloadBytes.
func Seal(dst, key, payload []byte, counter, keyID uint64) ([]byte, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	if len(payload) > MaxPayloadBytes {
		return nil, status.New(status.Argument, "payload is %d bytes; the limit is %d", len(payload), MaxPayloadBytes)
	}
	frame := slices.Grow(dst, SealedBytes(len(payload), counter, keyID))
	frame = frame[:len(dst)+len(payload)+TagBytes]
	nonce := nonceOf(counter)
	var wiped bool
	secret.Do(func() {
		if wiped = secret.IsZero(key); wiped {
			return
		}
		aes.SealGCM(frame[len(dst):], (*[16]byte)(key), &nonce, payload)
	})
	if wiped {
		return nil, status.New(status.InvalidKey, "SFrame key is all zero, like a wiped one")
	}
	return appendTrailer(frame, counter, keyID), nil
}

// A Frame is the result of Open. The caller wipes its payload.
type Frame struct {
	Payload        []byte
	Counter, KeyID uint64
}

// Open authenticates a frame and appends its payload to dst. Anything that was not sealed with this
// key, including plaintext that was passed through, is an error and never a payload. With enough
// capacity left nothing is allocated for the payload; then frame must not overlap dst's memory.
// After an error dst's memory is unchanged.
//
// Errors: KEY_LENGTH; MALFORMED if the trailer does not parse; AUTHENTICATION.
func Open(dst, key, frame []byte) (f Frame, err error) {
	if err := checkKey(key); err != nil {
		return Frame{}, err
	}
	sealed, counter, keyID, err := splitTrailer(frame)
	if err != nil {
		return Frame{}, err
	}
	n := len(sealed) - TagBytes
	payload := slices.Grow(dst, n)[:len(dst)+n]
	nonce := nonceOf(counter)
	var right bool
	secret.Do(func() { right = aes.OpenGCM(payload[len(dst):], (*[16]byte)(key), &nonce, sealed) })
	if !right {
		return Frame{}, status.New(status.Authentication, "the frame was not sealed with this key")
	}
	return Frame{payload, counter, keyID}, nil
}

func checkKey(key []byte) error {
	if len(key) != KeyBytes {
		return status.New(status.KeyLength, "SFrame key is %d bytes, not %d", len(key), KeyBytes)
	}
	return nil
}

func nonceOf(counter uint64) (nonce [16]byte) {
	binary.LittleEndian.PutUint64(nonce[8:], counter)
	return nonce
}
