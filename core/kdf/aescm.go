package kdf

import "libcallkey/core/aes"

// AESCM is SRTP's key derivation with the AES-CM function and a key derivation rate of
// 0 (RFC 3711 §4.3.1 and §4.3.3): it fills outs[i] with the session key of label i.
// SRTP's labels are 0 cipher key, 1 authentication key, 2 salt, and 3 to 5 the same for
// SRTCP. Each out is at most 65536 blocks of 16 bytes.
//
// With rate 0 the key id is the label alone, so the counter block is
// master salt ‖ 00 00, with the label XORed into byte 7 and the block number in the
// last two bytes.
func AESCM(masterKey *[16]byte, masterSalt *[14]byte, outs ...[]byte) {
	var s keyStream
	for label, out := range outs {
		for block := 0; len(out) > 0; block++ {
			if s.n == len(s.to) {
				s.encrypt(masterKey)
			}
			counter := s.blocks[aes.BlockBytes*s.n:][:aes.BlockBytes]
			copy(counter, masterSalt[:])
			counter[7] ^= byte(label)
			counter[14], counter[15] = byte(block>>8), byte(block)
			n := min(len(out), aes.BlockBytes)
			s.to[s.n], out = out[:n], out[n:]
			s.n++
		}
	}
	s.encrypt(masterKey)
	clear(s.blocks[:])
}

// keyStream has the blocks of all six keys of a stream, which are encrypted together.
type keyStream struct {
	blocks [8 * aes.BlockBytes]byte
	to     [8][]byte
	n      int
}

// encrypt encrypts the counters and copies them to where they belong.
func (s *keyStream) encrypt(key *[16]byte) {
	aes.Encrypt(key, s.blocks[:aes.BlockBytes*s.n])
	for i, to := range s.to[:s.n] {
		copy(to, s.blocks[aes.BlockBytes*i:])
	}
	s.n = 0
}
