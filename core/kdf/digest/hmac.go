package digest

import "encoding/binary"

const innerPad, outerPad = 0x36, 0x5c

// Keyed sets inner and outer to the states after the inner and the outer block of HMAC (RFC 2104
// §2). The key is filled up with zeros.
func Keyed(inner, outer *State, key *[BlockBytes]byte) {
	if available {
		keyed((*[8]uint32)(inner), (*[8]uint32)(outer), key)
	} else {
		keyedByBlocks(inner, outer, key)
	}
}

func keyedByBlocks(inner, outer *State, key *[BlockBytes]byte) {
	var p, q [BlockBytes]byte
	for i, b := range key {
		p[i], q[i] = b^innerPad, b^outerPad
	}
	if available {
		*inner, *outer = Initial, Initial
		TakeBoth(inner, outer, &p, &q)
	} else {
		standardFirst(inner, p[:])
		standardFirst(outer, q[:])
	}
	clear(p[:])
	clear(q[:])
}

// Last sets out to the hash that has the state outer, after a block, and then takes the sum inner:
// the end of an HMAC.
func Last(out *[Bytes]byte, outer, inner *State) {
	if available {
		last(out, (*[8]uint32)(outer), (*[8]uint32)(inner))
	} else {
		lastByBlocks(out, outer, inner)
	}
}

// LastOfBoth is Last of two, in little more time than one.
func LastOfBoth(a, b *[Bytes]byte, outerA, outerB, innerA, innerB *State) {
	if available {
		lastPair(a, b, (*[8]uint32)(outerA), (*[8]uint32)(outerB), (*[8]uint32)(innerA), (*[8]uint32)(innerB))
	} else {
		lastByBlocks(a, outerA, innerA)
		lastByBlocks(b, outerB, innerB)
	}
}

func lastByBlocks(out *[Bytes]byte, outer, inner *State) {
	var block [BlockBytes]byte
	lastBlock(&block, inner)
	s := *outer
	s.Take(block[:])
	s.Put(out)
	clear(s[:])
	clear(block[:])
}

// lastBlock sets block, which is zero, to an inner sum and its padding.
func lastBlock(block *[BlockBytes]byte, inner *State) {
	inner.Put((*[Bytes]byte)(block[:]))
	block[Bytes] = 0x80
	binary.BigEndian.PutUint64(block[BlockBytes-8:], 8*(BlockBytes+Bytes))
}
