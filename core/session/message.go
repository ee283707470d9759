package session

import (
	"crypto/subtle"

	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/aes"
	"libcallkey/core/curve"
	"libcallkey/core/kdf"
	"libcallkey/core/protobuf"
	"libcallkey/core/status"
)

// A SignalMessage: one version byte, a protobuf of four fields, an 8-byte MAC over
// both under the message's MAC key.
const (
	messageRatchet         = 1
	messageCounter         = 2
	messagePreviousCounter = 3
	messageBody            = 4
	messagePostQuantum     = 5 // and up: fields of post-quantum ratchets

	macBytes = 8

	// versionByte is the one that we write: message version 3, from a client that knows
	// no newer one. A newer client writes 0x34 in a version 3 session.
	versionByte = 0x33

	// MaxPlaintextBytes is the limit of a plaintext, and OverheadMaxBytes the most that a
	// message has besides it: a prekey message with the largest numbers and a whole block
	// of padding.
	MaxPlaintextBytes = 1 << 24
	OverheadMaxBytes  = 171
)

// message is a parsed SignalMessage. The slices are parts of the received bytes.
type message struct {
	ratchet         [32]byte
	counter         uint32
	previousCounter uint32
	body            []byte
	covered         []byte // the bytes under the MAC, as received
	mac             []byte
	room            []byte // for the plaintext, made before secret.Do; nil: none
}

// reserve makes room for the plaintext of a short message. A long one has it once it is authentic.
func (m *message) reserve() {
	if len(m.body) <= 4096 {
		m.room = make([]byte, len(m.body))
	}
}

// checkVersion reads a version byte: the message's version in the high four bits, the
// newest that the sender knows in the low four.
func checkVersion(b byte) error {
	switch {
	case b>>4 != version3:
		return status.New(status.Unsupported, "the message has version %d; this library supports 3", b>>4)
	case b&15 < version3:
		return malformed("message version is newer than its sender")
	}
	return nil
}

// parse reads a message into an empty one.
func (m *message) parse(b []byte) error {
	switch {
	case len(b) > MaxPlaintextBytes+OverheadMaxBytes:
		return malformed("message is longer than one with a plaintext of 16 MiB")
	case len(b) < 1+macBytes:
		return malformed("message is too short")
	}
	if err := checkVersion(b[0]); err != nil {
		return err
	}
	m.covered, m.mac = b[:len(b)-macBytes], b[len(b)-macBytes:]
	var seen fieldSet
	err := protobuf.Fields(m.covered[1:], func(f protobuf.Field) (err error) {
		if err := seen.once(f); err != nil {
			return err
		}
		switch f.Number {
		case messageRatchet:
			err = f.PublicKey(&m.ratchet)
		case messageCounter:
			err = f.Uint32(&m.counter)
		case messagePreviousCounter:
			err = f.Uint32(&m.previousCounter)
		case messageBody:
			err = f.Bytes(&m.body)
		case prekeyMessageRegistration, prekeyMessageSignedPrekeyID:
			if err = protobuf.Unknown("message"); f.Kind == protowire.VarintType {
				err = malformed("message is a prekey message")
			}
		default:
			err = protobuf.Unknown("message")
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case !seen.has(messageRatchet) || !seen.has(messageCounter) || !seen.has(messageBody):
		return malformed("message lacks a field")
	case len(m.body) == 0 || len(m.body)%aes.BlockBytes != 0:
		return malformed("message body is not a whole number of cipher blocks")
	case m.counter == 1<<32-1:
		return malformed("message counter is at its maximum")
	}
	return nil
}

// fieldSet rejects a repeated field: honest messages have each once, and parsers
// disagree about which of two counts.
type fieldSet uint32

func (s *fieldSet) once(f protobuf.Field) error {
	if f.Number >= 32 {
		return protobuf.Unknown("message")
	}
	if s.has(int(f.Number)) {
		return malformed("message has a field twice")
	}
	*s |= 1 << f.Number
	return nil
}

func (s fieldSet) has(number int) bool { return s>>number&1 == 1 }

// messageRoom is an upper bound for the bytes of a message besides its plaintext.
const messageRoom = 96

// buildMessage encrypts plaintext under k and appends the message to wire.
func buildMessage(wire []byte, s *state, k *messageKeys, plaintext []byte) (_ []byte, bodyBytes int) {
	e := protobuf.Encoder{B: append(wire, versionByte)}
	e.PublicKey(messageRatchet, &s.sender.public)
	e.Number(messageCounter, uint64(k.index))
	e.Number(messagePreviousCounter, uint64(s.previousCounter))
	body := e.Begin(messageBody)
	e.B, bodyBytes = encryptBody(e.B, k, plaintext)
	e.End(body)
	mac := messageMAC(k, &s.localIdentity, &s.remoteIdentity, e.B)
	return append(e.B, mac[:]...), bodyBytes
}

// encryptBody appends plaintext in AES-256-CBC with PKCS #7 padding, n bytes in all.
func encryptBody(b []byte, k *messageKeys, plaintext []byte) (_ []byte, n int) {
	start := len(b)
	b = append(b, plaintext...)
	pad := aes.BlockBytes - len(plaintext)%aes.BlockBytes
	for range pad {
		b = append(b, byte(pad))
	}
	body := b[start:]
	aes.EncryptCBC(&k.cipher, &k.iv, body)
	return b, len(body)
}

// messageMAC covers both identities, the sender's first, and the message as on the wire.
func messageMAC(k *messageKeys, sender, receiver *[32]byte, covered []byte) (mac [macBytes]byte) {
	from, to := curve.Typed(sender), curve.Typed(receiver)
	var sum [kdf.Size]byte
	kdf.HMAC(&sum, k.mac[:], from[:], to[:], covered)
	copy(mac[:], sum[:])
	return mac
}

// authentic reports whether k, of a session between these identities, made the message.
func (m *message) authentic(k *messageKeys, s *state) bool {
	mac := messageMAC(k, &s.remoteIdentity, &s.localIdentity, m.covered)
	return subtle.ConstantTimeCompare(mac[:], m.mac) == 1
}

// decryptBody reverses encryptBody, into plaintext, which is as long as body. The MAC was checked
// before, so bad padding means a faulty sender: MALFORMED.
func decryptBody(plaintext []byte, k *messageKeys, body []byte) ([]byte, error) {
	aes.DecryptCBC(plaintext, &k.cipher, &k.iv, body)
	pad := int(plaintext[len(plaintext)-1])
	good := subtle.ConstantTimeLessOrEq(1, pad) & subtle.ConstantTimeLessOrEq(pad, aes.BlockBytes)
	for i := 1; i <= aes.BlockBytes; i++ {
		covered := subtle.ConstantTimeLessOrEq(i, pad)
		same := subtle.ConstantTimeByteEq(plaintext[len(plaintext)-i], byte(pad))
		good &= same | (1 - covered)
	}
	if good != 1 {
		clear(plaintext)
		return nil, malformed("message padding is wrong")
	}
	return plaintext[:len(plaintext)-pad], nil
}
