// Package digest is SHA-256 by its blocks (FIPS 180-4 §6.2.2): a state of eight words that the
// caller keeps on its stack, and no object.
//
// On amd64 and arm64 with the processor's instructions for it, the blocks are made by assembly of
// our own, elsewhere by crypto/sha256, which is its judge in the tests. crypto/sha256 itself hashes the padding in a
// copy, can't keep a state without encoding it, and takes one block at a time.
//
// Constant time: no branch and no address depends on the message or the state. The assembly clears
// the registers that held them.
package digest

import "encoding/binary"

const (
	Bytes      = 32 // of a sum
	BlockBytes = 64
)

// A State is SHA-256 between two blocks. After the last block, which holds the padding, it is the
// sum. It is as secret as the message.
type State [8]uint32

// Initial is the state before the first block (FIPS 180-4 §5.3.3).
var Initial = State{
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
}

// Available reports whether the processor has the instructions. GODEBUG=cpu.ssse3=off turns those
// of amd64 off, cpu.sha2=off those of arm64.
func Available() bool { return available }

// Take takes blocks, which are whole ones.
func (s *State) Take(p []byte) {
	if len(p)%BlockBytes != 0 {
		panic("digest: not a whole number of blocks")
	}
	if available {
		blocks((*[8]uint32)(s), p)
	} else {
		standard(s, p)
	}
}

// TakeBoth takes a block into each of two states, in little more time than one: p into a, and q
// into b, which is another one.
func TakeBoth(a, b *State, p, q *[BlockBytes]byte) {
	if available {
		pair((*[8]uint32)(a), (*[8]uint32)(b), p, q)
	} else {
		a.Take(p[:])
		b.Take(q[:])
	}
}

// Put writes the state as a sum is written, its words in big-endian order.
func (s *State) Put(out *[Bytes]byte) {
	for i, word := range s {
		binary.BigEndian.PutUint32(out[4*i:], word)
	}
}
