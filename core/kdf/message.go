package kdf

import (
	"encoding/binary"

	"libcallkey/core/kdf/digest"
)

const (
	minPadding = 1 + 8 // a byte of 0x80 and the length
	// shortInput is the most that fits two blocks together with its padding.
	shortInput = 2*blockSize - minPadding
)

// finish takes the end of a message into s: the parts, and their padding. s is the state after the
// before bytes that they follow, whole blocks.
func finish(s *digest.State, before int, parts [][]byte) {
	if total(parts) <= shortInput {
		var message [2 * blockSize]byte
		n := 0
		for _, p := range parts {
			n += copy(message[n:], p)
		}
		s.Take(padded(&message, n, before))
		clear(message[:])
		return
	}
	var block [2 * blockSize]byte
	n, length := 0, before
	for _, p := range parts {
		length += len(p)
		if n > 0 {
			filled := copy(block[n:blockSize], p)
			if n, p = n+filled, p[filled:]; n < blockSize {
				continue
			}
			s.Take(block[:blockSize])
			n = 0
		}
		whole := len(p) / blockSize * blockSize
		s.Take(p[:whole])
		n = copy(block[:], p[whole:])
	}
	clear(block[n:])
	s.Take(padded(&block, n, length-n))
	clear(block[:])
}

// padded pads the n bytes in block, which is zero after them, as the end of a message with before
// bytes in front of them (FIPS 180-4 §5.1.1). It returns the whole blocks.
func padded(block *[2 * blockSize]byte, n, before int) []byte {
	block[n] = 0x80
	end := (n + minPadding + blockSize - 1) / blockSize * blockSize
	binary.BigEndian.PutUint64(block[end-8:], uint64(before+n)*8)
	return block[:end]
}
