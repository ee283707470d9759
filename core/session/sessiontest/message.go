package sessiontest

import (
	"testing"

	"libcallkey/core/protobuf"
)

// Message is what the fields of a SignalMessage say.
type Message struct {
	Ratchet                  [32]byte
	Counter, PreviousCounter uint32
	Body                     []byte
	Covered, MAC             []byte // what the MAC is over, and the MAC
}

// ParseMessage reads a SignalMessage, or with prekey the one in a PreKeySignalMessage.
func ParseMessage(t testing.TB, prekey bool, b []byte) (m Message) {
	t.Helper()
	if prekey {
		message(t, b[1:], func(f protobuf.Field) error {
			if f.Number == 4 {
				return f.Bytes(&b)
			}
			return nil
		})
	}
	m.Covered, m.MAC = b[:len(b)-8], b[len(b)-8:]
	message(t, m.Covered[1:], func(f protobuf.Field) error {
		switch f.Number {
		case 1:
			return f.PublicKey(&m.Ratchet)
		case 2:
			return f.Uint32(&m.Counter)
		case 3:
			return f.Uint32(&m.PreviousCounter)
		case 4:
			return f.Bytes(&m.Body)
		}
		return nil
	})
	return m
}
