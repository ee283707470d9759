// Package aes is AES (FIPS 197) as calls and their sessions need it: AES-128 of separate blocks, for
// SRTP's key derivation, AES-256 in the mode CBC, for messages, and AES-128 in the mode GCM, for
// SFrame.
//
// On amd64 and arm64 with the processor's instructions for it, AES is made by assembly of our own.
// The key schedule is in the function's frame or in registers, which it clears, and nothing is
// allocated. Elsewhere it is crypto/aes, with crypto/cipher: the judges of the assembly in the tests.
// Each of their ciphers is an object, which costs more inside secret.Do than a short message does.
//
// Constant time: the instructions take the same time for all keys and blocks, and there is no
// table. The assembly clears the registers that held them.
package aes

const BlockBytes = 16

// Available reports whether the processor has the instructions of AES. GODEBUG=cpu.aes=off turns them off.
func Available() bool { return available }

// Encrypt encrypts whole blocks in place, each by itself.
func Encrypt(key *[16]byte, blocks []byte) {
	checkBlocks(blocks)
	if available {
		encrypt(key, blocks)
	} else {
		standardEncrypt(key, blocks)
	}
}

// EncryptCBC encrypts whole blocks in place.
func EncryptCBC(key *[32]byte, iv *[BlockBytes]byte, blocks []byte) {
	checkBlocks(blocks)
	if available {
		encryptCBC(key, iv, blocks)
	} else {
		standardEncryptCBC(key, iv, blocks)
	}
}

// DecryptCBC decrypts whole blocks into plaintext, which is as long and does not overlap them.
func DecryptCBC(plaintext []byte, key *[32]byte, iv *[BlockBytes]byte, blocks []byte) {
	checkBlocks(blocks)
	switch {
	case len(plaintext) != len(blocks):
		panic("aes: the plaintext is not as long as its blocks")
	case len(blocks) == 0:
	case available:
		decryptCBC(key, iv, &plaintext[0], blocks)
	default:
		standardDecryptCBC(plaintext, key, iv, blocks)
	}
}

func checkBlocks(blocks []byte) {
	if len(blocks)%BlockBytes != 0 {
		panic("aes: not a whole number of blocks")
	}
}
