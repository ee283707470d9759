package selftest

import (
	"libcallkey/core/callkey"
	"libcallkey/core/envelope"
)

var envelopePrimitives = []primitive{
	// CRY-01: 52 22 0a 20, the key, padding. The key comes out of it.
	{"call key plaintext", counting, func() []byte {
		var key [callkey.Bytes]byte
		plaintext := append(append(unhex("52220a20"), countingKey...), 3, 3, 3)
		return given(envelope.Decode(&key, plaintext, 2), key[:])
	}},
}
