package aes

import (
	"crypto/subtle"
	"encoding/binary"
)

// TagBytes is the length of a tag of GCM.
const TagBytes = 16

// SealGCM encrypts plaintext with AES-128 in the mode GCM (NIST SP 800-38D), without additional data.
// It fills sealed, which has TagBytes more and does not overlap plaintext, with the ciphertext and its
// tag. GCM hashes a nonce of this length. It must never be used twice with one key.
func SealGCM(sealed []byte, key *[16]byte, nonce *[16]byte, plaintext []byte) {
	checkSealed(sealed, plaintext)
	if !gcmAvailable {
		standardSealGCM(sealed, key, nonce, plaintext)
		return
	}
	var g gcm
	g.start(key, nonce)
	g.seal(sealed, plaintext)
	g.tag((*[TagBytes]byte)(sealed[len(plaintext):]), len(plaintext))
	g = gcm{}
}

// OpenGCM decrypts sealed to plaintext, which has TagBytes less and does not overlap it. It reports
// whether the tag is right. If not, plaintext is unchanged.
func OpenGCM(plaintext []byte, key *[16]byte, nonce *[16]byte, sealed []byte) bool {
	checkSealed(sealed, plaintext)
	if !gcmAvailable {
		return standardOpenGCM(plaintext, key, nonce, sealed)
	}
	ciphertext := sealed[:len(plaintext)]
	var g gcm
	var tag [TagBytes]byte
	g.start(key, nonce)
	g.hash(ciphertext)
	g.tag(&tag, len(ciphertext))
	// In constant time, so that nobody can guess the right tag of a forgery byte by byte.
	right := subtle.ConstantTimeCompare(tag[:], sealed[len(plaintext):]) == 1
	if right {
		g.open(plaintext, ciphertext)
	}
	g = gcm{}
	clear(tag[:])
	return right
}

func checkSealed(sealed, plaintext []byte) {
	if len(sealed) != len(plaintext)+TagBytes {
		panic("aes: the sealed bytes are not as long as the plaintext and a tag")
	}
}

// gcm is the state for one message, which the assembly works on.
type gcm struct {
	keys    [11][16]byte // of the rounds
	powers  [8][16]byte  // of H
	counter [BlockBytes]byte
	mask    [BlockBytes]byte // of the tag
	sum     [BlockBytes]byte // GHASH so far
}

func (g *gcm) start(key, nonce *[16]byte) {
	gcmStart(&g.keys, &g.powers, &g.counter, &g.mask, key, nonce)
}

// seal encrypts p to the start of to, and hashes what it writes.
func (g *gcm) seal(to, p []byte) {
	whole := len(p) / BlockBytes * BlockBytes
	if whole > 0 {
		gcmSeal(&g.keys, &g.powers, &g.counter, &g.sum, &to[0], p[:whole], gcmWide)
	}
	if p = p[whole:]; len(p) > 0 {
		var last [BlockBytes]byte
		g.last(&last, to[whole:], p)
		gcmHash(&g.powers, &g.sum, last[:], false)
	}
}

// open decrypts p to to.
func (g *gcm) open(to, p []byte) {
	whole := len(p) / BlockBytes * BlockBytes
	if whole > 0 {
		gcmCount(&g.keys, &g.counter, &to[0], p[:whole], gcmWide)
	}
	if p = p[whole:]; len(p) > 0 {
		var last [BlockBytes]byte
		g.last(&last, to[whole:], p)
		clear(last[:])
	}
}

// last encrypts or decrypts the p of less than a block to the start of to. It leaves them in block,
// padded with zeros.
func (g *gcm) last(block *[BlockBytes]byte, to, p []byte) {
	n := copy(block[:], p)
	gcmCount(&g.keys, &g.counter, &block[0], block[:], false)
	clear(block[n:])
	copy(to, block[:n])
}

// hash takes p, padded with zeros, into the sum.
func (g *gcm) hash(p []byte) {
	whole := len(p) / BlockBytes * BlockBytes
	gcmHash(&g.powers, &g.sum, p[:whole], gcmWide)
	if p = p[whole:]; len(p) > 0 {
		var last [BlockBytes]byte
		copy(last[:], p)
		gcmHash(&g.powers, &g.sum, last[:], false)
	}
}

// tag ends the sum with the length of the ciphertext in bits.
func (g *gcm) tag(tag *[TagBytes]byte, length int) {
	var last [BlockBytes]byte
	binary.BigEndian.PutUint64(last[8:], uint64(length)*8)
	gcmHash(&g.powers, &g.sum, last[:], false)
	subtle.XORBytes(tag[:], g.sum[:], g.mask[:])
}
