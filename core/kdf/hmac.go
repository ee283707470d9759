package kdf

import "libcallkey/core/kdf/digest"

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
	var block [blockSize]byte
	if len(key) <= blockSize {
		copy(block[:], key)
	} else { // a longer one is hashed
		sum := digest.Initial
		finish(&sum, 0, [][]byte{key})
		sum.Put((*[Size]byte)(block[:]))
		clear(sum[:])
	}
	digest.Keyed(&k.inner, &k.outer, &block)
	k.set = true
	clear(block[:])
}

// Clear sets k to zero. It needs another Set before its next use.
func (k *Key) Clear() { *k = Key{} }

// HMAC is the function HMAC under k, which stays as it is. It panics if k is not set.
func (k *Key) HMAC(out *[Size]byte, parts ...[]byte) {
	k.check()
	sum := k.inner
	finish(&sum, blockSize, parts)
	digest.Last(out, &k.outer, &sum)
	clear(sum[:])
}

// Both is HMAC of p under k and of q under l, which may be k: in little more time than one of them,
// if both are at most 55 bytes long.
func Both(a, b *[Size]byte, k, l *Key, p, q []byte) {
	if len(p) > blockSize-minPadding || len(q) > blockSize-minPadding {
		k.HMAC(a, p)
		l.HMAC(b, q)
		return
	}
	k.check()
	l.check()
	var blocks [2][2 * blockSize]byte
	padded(&blocks[0], copy(blocks[0][:], p), blockSize)
	padded(&blocks[1], copy(blocks[1][:], q), blockSize)
	sums := [2]digest.State{k.inner, l.inner}
	digest.TakeBoth(&sums[0], &sums[1], (*[blockSize]byte)(blocks[0][:]), (*[blockSize]byte)(blocks[1][:]))
	digest.LastOfBoth(a, b, &k.outer, &l.outer, &sums[0], &sums[1])
	clear(blocks[0][:])
	clear(blocks[1][:])
	clear(sums[:])
}

func (k *Key) check() {
	if !k.set {
		panic("kdf: the key is not set")
	}
}

func total(parts [][]byte) (n int) {
	for _, p := range parts {
		n += len(p)
	}
	return n
}
