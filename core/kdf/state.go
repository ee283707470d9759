package kdf

import (
	"crypto/sha256"
	"encoding"
	"encoding/binary"
)

// A state is SHA-256 between two blocks, as crypto/sha256 encodes it: 4 bytes that name the
// hash, the 32 bytes of its value, a block for input that is not hashed yet (none, here), and
// the length as 8 bytes. After the last block, which holds the padding, the value is the sum.
//
// To encode and decode it takes 20 ns. Sum takes more, because it copies the hash and hashes
// the padding by itself, and to hash a key's block again, as HMAC does, takes 60. The
// hash itself stays on the stack.
type state [4 + Size + blockSize + 8]byte

// start sets s to the state after blocks, which are whole ones.
func (s *state) start(blocks []byte) {
	hash := sha256.New()
	hash.Write(blocks)
	s.set(hash.(encoding.BinaryAppender).AppendBinary(s[:0]))
}

// resume sets s to the state after from and blocks, which are whole ones.
func (s *state) resume(from *state, blocks []byte) {
	hash := sha256.New()
	if err := hash.(encoding.BinaryUnmarshaler).UnmarshalBinary(from[:]); err != nil {
		panic("kdf: " + err.Error()) // only what is no state errs
	}
	hash.Write(blocks)
	s.set(hash.(encoding.BinaryAppender).AppendBinary(s[:0]))
}

// resumeLong is resume with the end of a message: the parts, of any length, and their
// padding. from is the state after the before bytes that they follow.
func (s *state) resumeLong(from *state, before int, parts [][]byte) {
	hash := sha256.New()
	if err := hash.(encoding.BinaryUnmarshaler).UnmarshalBinary(from[:]); err != nil {
		panic("kdf: " + err.Error()) // only what is no state errs
	}
	n := 0
	for _, p := range parts {
		hash.Write(p)
		n += len(p)
	}
	var buf [2 * blockSize]byte
	partial := n % blockSize
	padding := buf[:padded(partial)-partial]
	setPadding(padding, before+n)
	hash.Write(padding)
	s.set(hash.(encoding.BinaryAppender).AppendBinary(s[:0]))
}

// set checks that a state was encoded in place.
func (s *state) set(encoded []byte, err error) {
	if err != nil || len(encoded) != len(s) {
		panic("kdf: crypto/sha256 encodes its state in another way")
	}
}

// value is the hash's value, after the last block the sum.
func (s *state) value() *[Size]byte { return (*[Size]byte)(s[4:]) }

const (
	minPadding = 1 + 8 // a byte of 0x80 and the length
	// shortInput is the most that fits two blocks together with its padding.
	shortInput = 2*blockSize - minPadding
)

// padded is the length of n bytes with their padding, in whole blocks.
func padded(n int) int { return (n + minPadding + blockSize - 1) / blockSize * blockSize }

// setPadding sets padding, which is zero, to the padding of a message of n bytes (FIPS 180-4
// §5.1.1).
func setPadding(padding []byte, n int) {
	padding[0] = 0x80
	binary.BigEndian.PutUint64(padding[len(padding)-8:], uint64(n)*8)
}

// pad writes the end of a message to buf, which is zero: the parts, at most shortInput bytes,
// and their padding. The message has before bytes in front of them. It returns the whole
// blocks.
func pad(buf []byte, before int, parts ...[]byte) []byte {
	n := 0
	for _, p := range parts {
		n += copy(buf[n:], p)
	}
	buf = buf[:padded(n)]
	setPadding(buf[n:], before+n)
	return buf
}
