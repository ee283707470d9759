package derive

import (
	"crypto/sha1"
	"encoding/binary"
)

// packetTag is HMAC-SHA1 over a packet and its roll-over counter (RFC 3711 §4.2,
// wacrg:CRY-05), the tag of SRTP before truncation to 4 or 10 bytes. It is made once per
// packet, outside secret.Do because that allocates, and computed under any number of keys
// without allocation; crypto/hmac allocates five times per key.
type packetTag struct {
	message []byte // one block for the key's inner pad ‖ packet ‖ roc, 4 bytes big-endian
}

func newPacketTag(packet []byte, roc uint32) packetTag {
	message := make([]byte, sha1.BlockSize, sha1.BlockSize+len(packet)+4)
	message = append(message, packet...)
	return packetTag{binary.BigEndian.AppendUint32(message, roc)}
}

// under sets out to the whole tag under key, which is at most 64 bytes long.
func (t packetTag) under(key []byte, out *[sha1.Size]byte) {
	var outer [sha1.BlockSize + sha1.Size]byte
	pad := t.message[:sha1.BlockSize]
	clear(pad)
	copy(pad, key)
	copy(outer[:], pad)
	for i := range pad {
		pad[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	inner := sha1.Sum(t.message)
	copy(outer[sha1.BlockSize:], inner[:])
	*out = sha1.Sum(outer[:])
	clear(outer[:])
	clear(inner[:])
	clear(pad)
}
