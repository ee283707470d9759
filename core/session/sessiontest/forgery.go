package sessiontest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"

	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/curve"
	"libcallkey/core/protobuf"
)

// Forgery is a message with freely chosen parts, by someone who has a session
// with the victim and so can make its MAC good.
type Forgery struct {
	Version  byte
	Ratchet  []byte // with its type byte
	Counter  uint32
	Previous uint32
	Body     []byte
	Extra    []byte // more fields, covered by the MAC
	SpoilMAC bool
	// BodyFirst: the fields come in another order.
	BodyFirst bool

	// Of the prekey message around it.
	Prekey             bool
	Base               []byte
	Identity           []byte
	ExtraOutside       []byte
	Registration       uint32
	SignedID, PrekeyID uint32

	keys          MessageKeys
	local, remote [32]byte
}

// NextMessage is the honest next message of s with the given padded body, to be spoilt.
func NextMessage(s *State, paddedPlaintext []byte) *Forgery {
	ratchet, base, identity := curve.Typed(&s.Sender.Public), curve.Typed(&s.BaseKey), curve.Typed(&s.LocalIdentity)
	f := &Forgery{
		Version: 0x33, Ratchet: ratchet[:], Counter: s.Sender.Chain.Index, Previous: s.PreviousCounter,
		Body:   append([]byte(nil), paddedPlaintext...),
		Prekey: s.Pending.Unacknowledged, Base: base[:], Identity: identity[:],
		Registration: s.LocalRegistration, SignedID: s.Pending.SignedPrekeyID, PrekeyID: s.Pending.PrekeyID,
		keys: s.Sender.Chain.MessageKeys(), local: s.LocalIdentity, remote: s.RemoteIdentity,
	}
	if len(f.Body)%aes.BlockSize == 0 && len(f.Body) > 0 {
		block, err := aes.NewCipher(f.keys.Cipher[:])
		if err != nil {
			panic(err) // the key has 32 bytes
		}
		cipher.NewCBCEncrypter(block, f.keys.IV[:]).CryptBlocks(f.Body, f.Body)
	}
	return f
}

// Padded is text with honest PKCS #7 padding.
func Padded(text string) []byte {
	pad := aes.BlockSize - len(text)%aes.BlockSize
	b := []byte(text)
	for range pad {
		b = append(b, byte(pad))
	}
	return b
}

// Seal writes the message; prekey: it is a PreKeySignalMessage.
func (f *Forgery) Seal() (wire []byte, prekey bool) {
	e := protobuf.Encoder{B: []byte{f.Version}}
	if f.BodyFirst {
		e.Bytes(4, f.Body)
		e.Number(2, uint64(f.Counter))
		e.Bytes(1, f.Ratchet)
	} else {
		e.Bytes(1, f.Ratchet)
		e.Number(2, uint64(f.Counter))
		e.Number(3, uint64(f.Previous))
		e.Bytes(4, f.Body)
	}
	e.B = append(e.B, f.Extra...)
	from, to := curve.Typed(&f.local), curve.Typed(&f.remote)
	mac := hmac.New(sha256.New, f.keys.MAC[:])
	mac.Write(from[:])
	mac.Write(to[:])
	mac.Write(e.B)
	tag := mac.Sum(nil)[:8]
	if f.SpoilMAC {
		tag[0] ^= 1
	}
	wire = append(e.B, tag...)
	if !f.Prekey {
		return wire, false
	}
	e = protobuf.Encoder{B: []byte{0x33}}
	if f.PrekeyID != 0 {
		e.Number(1, uint64(f.PrekeyID))
	}
	e.Bytes(2, f.Base)
	e.Bytes(3, f.Identity)
	e.Bytes(4, wire)
	e.Number(5, uint64(f.Registration))
	e.Number(6, uint64(f.SignedID))
	e.B = append(e.B, f.ExtraOutside...)
	return e.B, true
}

// BogusTurn announces a new ratchet key without knowing the session.
func (f *Forgery) BogusTurn() {
	var private, public [32]byte
	curve.Generate(&private, &public)
	typed := curve.Typed(&public)
	f.Ratchet, f.SpoilMAC = typed[:], true
}

// ExtraField is a protobuf field of that number with some bytes.
func ExtraField(number protowire.Number) []byte {
	e := protobuf.Encoder{}
	e.Bytes(number, []byte("extra"))
	return e.B
}
