package aes

import (
	"testing"

	"libcallkey/tests/ctime"
)

// Would the time tell how much of a forged tag is right, or what the key of a frame and its payload
// are?
func BenchmarkTimingGCM(b *testing.B) {
	const n = 200 // eight blocks at once, and the rest
	var nonce [16]byte
	zeros := make([]byte, n+TagBytes)
	SealGCM(zeros, new([16]byte), &nonce, make([]byte, n))
	almost := func(input []byte) {
		clear(input)
		copy(input[16:], zeros)
		input[len(input)-1] ^= 1
	}
	sealed, opened := make([]byte, n+TagBytes), make([]byte, n)
	ctime.Compare(b, 16+n+TagBytes, 1, almost, ctime.Noise, func(input []byte) {
		key := (*[16]byte)(input)
		if OpenGCM(opened, key, &nonce, input[16:]) {
			b.Error("a forgery opens")
		}
		SealGCM(sealed, key, &nonce, input[16:16+n])
	})
}
