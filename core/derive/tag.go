package derive

import (
	"crypto/sha1"
	"encoding"
	"encoding/binary"
)

// packetTag is HMAC-SHA1 over a packet and its roll-over counter (RFC 3711 §4.2,
// wacrg:CRY-05), the tag of SRTP before truncation to 4 or 10 bytes. It is made once per
// packet, outside secret.Do because that allocates, and computed under any number of keys
// without allocation; crypto/hmac allocates five times per key.
type packetTag struct {
	// One block for the key's inner pad ‖ packet ‖ roc, 4 bytes big-endian ‖ the padding of
	// SHA-1, which makes it whole blocks.
	message []byte
}

func newPacketTag(packet []byte, roc uint32) packetTag {
	n := sha1.BlockSize + len(packet) + 4
	message := make([]byte, (n+1+8+sha1.BlockSize-1)/sha1.BlockSize*sha1.BlockSize)
	copy(message[sha1.BlockSize:], packet)
	binary.BigEndian.PutUint32(message[n-4:], roc)
	padSHA1(message, n)
	return packetTag{message}
}

// under sets out to the whole tag under key, which is at most 64 bytes long.
func (t packetTag) under(key []byte, out *[sha1.Size]byte) {
	var outer [2 * sha1.BlockSize]byte
	copy(outer[:], key)
	for i := 0; i < sha1.BlockSize; i += 8 {
		word := binary.LittleEndian.Uint64(outer[i:])
		binary.LittleEndian.PutUint64(t.message[i:], word^0x3636363636363636)
		binary.LittleEndian.PutUint64(outer[i:], word^0x5c5c5c5c5c5c5c5c)
	}
	sumSHA1((*[sha1.Size]byte)(outer[sha1.BlockSize:]), t.message)
	padSHA1(outer[:], sha1.BlockSize+sha1.Size)
	sumSHA1(out, outer[:])
	clear(outer[:])
	clear(t.message[:sha1.BlockSize])
}

// padSHA1 writes the padding behind the first n bytes of blocks, which are zero from there (FIPS
// 180-4 §5.1.1).
func padSHA1(blocks []byte, n int) {
	blocks[n] = 0x80
	binary.BigEndian.PutUint64(blocks[len(blocks)-8:], uint64(n)*8)
}

// sumSHA1 sets out to the SHA-1 of a message with its padding. sha1.Sum hashes the padding by
// itself; the sum is the value that the hash has after the last block, which its encoding has
// after 4 bytes of a name.
func sumSHA1(out *[sha1.Size]byte, padded []byte) {
	var state [4 + sha1.Size + sha1.BlockSize + 8]byte
	hash := sha1.New()
	hash.Write(padded)
	encoded, err := hash.(encoding.BinaryAppender).AppendBinary(state[:0])
	if err != nil || len(encoded) != len(state) {
		panic("derive: crypto/sha1 encodes its state in another way")
	}
	copy(out[:], state[4:])
	clear(state[:])
}
