package main

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// pieceBytes is the shortest part of a secret that counts as a residue. Half of that is
// easy to guess; eight bytes are a register's worth.
const pieceBytes = 8

// pieces finds every run of 8 bytes of any secret, at any address, also in the forms of
// HMAC (XOR 0x36 and 0x5c), of SHA-256 (32-bit words with swapped bytes), and of both. That
// includes the whole secret and its halves.
type pieces struct {
	owners map[uint64]int32 // indexes of names: a map without pointers is no work for the garbage collector
	names  []owner
	// marked is a first look that misses most of memory without the map: one bit per
	// hash of 8 bytes. A host with four threads has three million pieces.
	marked [1 << bitsOfMarked / 64]uint64
}

const bitsOfMarked = 27

type owner struct {
	secret string
	form   string
}

func newPieces() *pieces { return &pieces{owners: map[uint64]int32{}} }

func (p *pieces) add(s secret) {
	for _, form := range []struct {
		name   string
		change func(b []byte)
	}{
		{"", func([]byte) {}},
		{" ^ 36", func(b []byte) { xor(b, 0x36) }},
		{" ^ 5c", func(b []byte) { xor(b, 0x5c) }},
		{" in words", swapWords},
		{" ^ 36 in words", func(b []byte) { xor(b, 0x36); swapWords(b) }},
		{" ^ 5c in words", func(b []byte) { xor(b, 0x5c); swapWords(b) }},
	} {
		value := append([]byte(nil), s.value...)
		form.change(value)
		p.names = append(p.names, owner{s.name, form.name})
		for i := 0; i+pieceBytes <= len(value); i++ {
			if telling(value[i : i+pieceBytes]) {
				p.put(binary.LittleEndian.Uint64(value[i:]), int32(len(p.names)-1))
			}
		}
	}
}

// telling reports whether a piece has enough different bytes to identify a secret: padding
// has not.
func telling(b []byte) bool {
	var seen [256 / 64]uint64
	for _, c := range b {
		seen[c>>6] |= 1 << (c & 63)
	}
	different := 0
	for _, word := range seen {
		different += bits.OnesCount64(word)
	}
	return different >= 5
}

func xor(b []byte, with byte) {
	for i := range b {
		b[i] ^= with
	}
}

func swapWords(b []byte) {
	for ; len(b) >= 4; b = b[4:] {
		binary.BigEndian.PutUint32(b, binary.LittleEndian.Uint32(b))
	}
}

func (p *pieces) put(piece uint64, o int32) {
	if _, taken := p.owners[piece]; !taken {
		p.owners[piece] = o
	}
	h := hash(piece)
	p.marked[h>>6] |= 1 << (h & 63)
}

func hash(piece uint64) uint64 {
	return bits.RotateLeft64(piece*0x9e3779b97f4a7c15, bitsOfMarked) & (1<<bitsOfMarked - 1)
}

// untouched is the unit in which a process gets memory. It never writes to most of it.
var untouched [4096]byte

// in calls found for every run of a secret's bytes in b.
func (p *pieces) in(b []byte, found func(at, n int, o owner)) {
	for i := 0; i+pieceBytes <= len(b); i++ {
		piece := binary.LittleEndian.Uint64(b[i:])
		// No piece is zero: see telling.
		if piece == 0 && i+len(untouched) <= len(b) && bytes.Equal(b[i:i+len(untouched)], untouched[:]) {
			i += len(untouched) - pieceBytes
			continue
		}
		h := hash(piece)
		if p.marked[h>>6]>>(h&63)&1 == 0 {
			continue
		}
		first, ok := p.owners[piece]
		if !ok {
			continue
		}
		end := i + pieceBytes
		for end < len(b) {
			if o, ok := p.owners[binary.LittleEndian.Uint64(b[end-pieceBytes+1:])]; !ok || p.names[o] != p.names[first] {
				break
			}
			end++
		}
		found(i, end-i, p.names[first])
		i = end - pieceBytes
	}
}
