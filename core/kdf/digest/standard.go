package digest

import (
	"crypto/sha256"
	"encoding"
	"encoding/binary"
)

// encoded is a state as crypto/sha256 encodes it: 4 bytes that name the hash, its words, a block
// for input that is not hashed yet (none, here), and the length as 8 bytes.
type encoded [4 + Bytes + BlockBytes + 8]byte

// empty is the encoding of a hash that took nothing.
var empty = func() (e encoded) {
	e.set(sha256.New().(encoding.BinaryAppender).AppendBinary(e[:0]))
	return e
}()

// set checks that a state was encoded in place.
func (e *encoded) set(b []byte, err error) {
	if err != nil || len(b) != len(e) {
		panic("digest: crypto/sha256 encodes its state in another way")
	}
}

// standard is Take by crypto/sha256. To encode and decode the state takes 40 ns. The hash itself
// stays on the stack.
func standard(s *State, p []byte) {
	e := empty
	s.Put((*[Bytes]byte)(e[4:]))
	hash := sha256.New()
	if err := hash.(encoding.BinaryUnmarshaler).UnmarshalBinary(e[:]); err != nil {
		panic("digest: " + err.Error()) // only what is no state errs
	}
	hash.Write(p)
	e.set(hash.(encoding.BinaryAppender).AppendBinary(e[:0]))
	e.value(s)
	clear(e[:])
}

// standardFirst sets s to the state after the first blocks of a message. There is nothing to decode.
func standardFirst(s *State, p []byte) {
	var e encoded
	hash := sha256.New()
	hash.Write(p)
	e.set(hash.(encoding.BinaryAppender).AppendBinary(e[:0]))
	e.value(s)
	clear(e[:])
}

func (e *encoded) value(s *State) {
	for i := range s {
		s[i] = binary.BigEndian.Uint32(e[4+4*i:])
	}
}
