package signal

import (
	"crypto/aes"
	"crypto/cipher"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/curve"
)

// forgery is a message with freely chosen parts, by someone who has a session
// with the victim and so can make its MAC good.
type forgery struct {
	version  byte
	ratchet  []byte // with its type byte
	counter  uint32
	previous uint32
	body     []byte
	extra    []byte // more fields, covered by the MAC
	spoilMAC bool

	// of the prekey message around it
	prekey        bool
	base          []byte
	identity      []byte
	extraOutside  []byte
	registration  uint32
	signedID, oID uint32
}

// nextMessage is the honest next message of s with the given padded body, to be spoilt.
func nextMessage(s *state, paddedPlaintext []byte) (*forgery, messageKeys) {
	keys := s.sender.chain.messageKeys()
	ratchet, base, identity := curve.Typed(&s.sender.public), curve.Typed(&s.baseKey), curve.Typed(&s.localIdentity)
	f := &forgery{
		version: versionByte, ratchet: ratchet[:], counter: keys.index, previous: s.previousCounter,
		body:   append([]byte(nil), paddedPlaintext...),
		prekey: s.pending.unacknowledged, base: base[:], identity: identity[:],
		registration: s.localRegistration, signedID: s.pending.signedPrekeyID, oID: s.pending.prekeyID,
	}
	if len(f.body)%aes.BlockSize == 0 && len(f.body) > 0 {
		block, _ := aes.NewCipher(keys.cipher[:])
		cipher.NewCBCEncrypter(block, keys.iv[:]).CryptBlocks(f.body, f.body)
	}
	return f, keys
}

// padded is text with honest PKCS #7 padding.
func padded(text string) []byte {
	pad := aes.BlockSize - len(text)%aes.BlockSize
	b := []byte(text)
	for range pad {
		b = append(b, byte(pad))
	}
	return b
}

func (f *forgery) seal(s *state, keys *messageKeys) Ciphertext {
	e := encoder{[]byte{f.version}}
	e.bytes(messageRatchet, f.ratchet)
	e.number(messageCounter, uint64(f.counter))
	e.number(messagePreviousCounter, uint64(f.previous))
	e.bytes(messageBody, f.body)
	e.b = append(e.b, f.extra...)
	mac := messageMAC(keys, &s.localIdentity, &s.remoteIdentity, e.b)
	if f.spoilMAC {
		mac[0] ^= 1
	}
	wire := append(e.b, mac[:]...)
	if !f.prekey {
		return Ciphertext{Bytes: wire}
	}
	e = encoder{[]byte{versionByte}}
	if f.oID != 0 {
		e.number(prekeyMessagePrekeyID, uint64(f.oID))
	}
	e.bytes(prekeyMessageBaseKey, f.base)
	e.bytes(prekeyMessageIdentity, f.identity)
	e.bytes(prekeyMessageMessage, wire)
	e.number(prekeyMessageRegistration, uint64(f.registration))
	e.number(prekeyMessageSignedPrekeyID, uint64(f.signedID))
	e.b = append(e.b, f.extraOutside...)
	return Ciphertext{Bytes: e.b, Prekey: true}
}

// forge spoils the attacker's next message. The attacker's session does not move.
func forge(t testing.TB, attacker *ours, plaintext []byte, spoil func(f *forgery)) Ciphertext {
	t.Helper()
	s := attacker.record(t).current
	f, keys := nextMessage(s, plaintext)
	spoil(f)
	return f.seal(s, &keys)
}

// unknownField is a protobuf field of that number with some bytes.
func extraField(number protowire.Number) []byte {
	e := encoder{}
	e.bytes(number, []byte("extra"))
	return e.b
}

// victims are one device of each kind, and an attacker who has begun a session with
// each. answered: they have replied to each other.
type victims struct {
	ours         *ours
	theirs       *theirs
	againstOurs  *ours
	againstTheir *ours
}

func newVictims(t testing.TB, answered bool) victims {
	t.Helper()
	return newVictimsWith(t, newTheirs(t), answered)
}

func newVictimsWith(t testing.TB, device *theirs, answered bool) victims {
	t.Helper()
	v := victims{newOurs(t), device, newOurs(t), newOurs(t)}
	ourBundle, theirBundle := v.ours.bundle(t), v.theirs.bundle()
	for attacker, b := range map[*ours]*Bundle{v.againstOurs: &ourBundle, v.againstTheir: &theirBundle} {
		if err := Begin(attacker.store, attacker.peer, b); err != nil {
			t.Fatal(err)
		}
	}
	if answered {
		opened(t, "hello")(v.ours.open(sealed(t)(v.againstOurs.seal("hello"))))
		opened(t, "hello")(v.theirs.open(sealed(t)(v.againstTheir.seal("hello"))))
		opened(t, "hi")(v.againstOurs.open(sealed(t)(v.ours.seal("hi"))))
		opened(t, "hi")(v.againstTheir.open(sealed(t)(v.theirs.seal("hi"))))
	}
	return v
}
