package kdf

import (
	"encoding/binary"

	"libcallkey/core/kdf/digest"
)

const innerPad, outerPad = 0x36, 0x5c

// HMAC sets out to HMAC-SHA256(key, message), where message is the concatenation
// of parts.
//
// A Key is faster from the second message under one key on.
func HMAC(out *[Size]byte, key []byte, parts ...[]byte) {
	var k Key
	k.Set(key)
	k.HMAC(out, parts...)
	k.Clear()
}

// A Key is a key of HMAC-SHA256 made ready for several messages: the hash's states after the
// key's inner and outer block. That is half of the work for a short message.
//
// It is as secret as the key: Clear it.
type Key struct {
	inner, outer digest.State
	set          bool
}

// Set makes k ready for key.
func (k *Key) Set(key []byte) {
	var inner, outer [blockSize]byte
	if len(key) <= blockSize {
		copy(inner[:], key)
	} else { // FIPS 198-1 §4: a longer one is hashed
		sum := digest.Initial
		finish(&sum, 0, [][]byte{key})
		sum.Put((*[Size]byte)(inner[:]))
		clear(sum[:])
	}
	for i := 0; i < blockSize; i += 8 {
		word := binary.LittleEndian.Uint64(inner[i:])
		binary.LittleEndian.PutUint64(inner[i:], word^innerPad*ones)
		binary.LittleEndian.PutUint64(outer[i:], word^outerPad*ones)
	}
	k.inner, k.outer, k.set = digest.Initial, digest.Initial, true
	digest.TakeBoth(&k.inner, &k.outer, &inner, &outer)
	clear(inner[:])
	clear(outer[:])
}

const ones = 0x0101010101010101

// Clear sets k to zero. It needs another Set before its next use.
func (k *Key) Clear() { *k = Key{} }

// HMAC is the function HMAC under k, which stays as it is. It panics if k is not set.
func (k *Key) HMAC(out *[Size]byte, parts ...[]byte) {
	if !k.set {
		panic("kdf: the key is not set")
	}
	sum := k.inner
	finish(&sum, blockSize, parts)
	var block [2 * blockSize]byte
	sum.Put((*[Size]byte)(block[:]))
	sum = k.outer
	sum.Take(padded(&block, Size, blockSize))
	sum.Put(out)
	clear(block[:])
	clear(sum[:])
}

func total(parts [][]byte) (n int) {
	for _, p := range parts {
		n += len(p)
	}
	return n
}
