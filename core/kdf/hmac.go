package kdf

import (
	"crypto/sha256"
	"encoding/binary"
)

const innerPad, outerPad = 0x36, 0x5c

// HMAC sets out to HMAC-SHA256(key, message), where message is the concatenation
// of parts.
//
// A Key is faster from the third message under one key on.
func HMAC(out *[Size]byte, key []byte, parts ...[]byte) {
	if total(parts) > shortInput {
		var k Key
		k.Set(key)
		k.HMAC(out, parts...)
		k.Clear()
		return
	}
	// Each of the two hashes takes all its blocks at once.
	var sum state
	var inner [blockSize + 2*blockSize]byte
	var outer [blockSize + blockSize]byte
	setBlock((*[blockSize]byte)(inner[:]), key)
	copy(outer[:], inner[:blockSize])
	xor((*[blockSize]byte)(inner[:]), innerPad)
	xor((*[blockSize]byte)(outer[:]), outerPad)
	sum.start(inner[:blockSize+len(pad(inner[blockSize:], blockSize, parts...))])
	pad(outer[blockSize:], blockSize, sum.value()[:])
	sum.start(outer[:])
	*out = *sum.value()
	clear(inner[:])
	clear(outer[:])
	clear(sum[:])
}

// A Key is a key of HMAC-SHA256 made ready for several messages: the hash's states after the
// key's inner and outer block. That is half of the work for a short message.
//
// It is as secret as the key: Clear it.
type Key struct{ inner, outer state }

// Set makes k ready for key.
func (k *Key) Set(key []byte) {
	var block [blockSize]byte
	setBlock(&block, key)
	xor(&block, innerPad)
	k.inner.start(block[:])
	xor(&block, innerPad^outerPad)
	k.outer.start(block[:])
	clear(block[:])
}

// Clear sets k to zero. It needs another Set before its next use.
func (k *Key) Clear() { *k = Key{} }

// HMAC is the function HMAC under k, which stays as it is. It panics if k is not set.
func (k *Key) HMAC(out *[Size]byte, parts ...[]byte) {
	var sum state
	if total(parts) <= shortInput {
		var message [2 * blockSize]byte
		sum.resume(&k.inner, pad(message[:], blockSize, parts...))
		clear(message[:])
	} else {
		sum.resumeLong(&k.inner, blockSize, parts)
	}
	var inner [blockSize]byte
	sum.resume(&k.outer, pad(inner[:], blockSize, sum.value()[:]))
	*out = *sum.value()
	clear(inner[:])
	clear(sum[:])
}

func total(parts [][]byte) (n int) {
	for _, p := range parts {
		n += len(p)
	}
	return n
}

// setBlock sets block, which is zero, to the key as HMAC takes it: a longer one is hashed.
func setBlock(block *[blockSize]byte, key []byte) {
	if len(key) <= blockSize {
		copy(block[:], key)
		return
	}
	sum := sha256.Sum256(key)
	copy(block[:], sum[:])
	clear(sum[:])
}

// xor changes every byte of block by b.
func xor(block *[blockSize]byte, b uint64) {
	b *= 0x0101010101010101
	for i := 0; i < blockSize; i += 8 {
		word := block[i : i+8]
		binary.LittleEndian.PutUint64(word, binary.LittleEndian.Uint64(word)^b)
	}
}
