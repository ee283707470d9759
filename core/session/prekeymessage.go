package session

import (
	"libcallkey/core/protobuf"
	"libcallkey/core/status"
)

// A PreKeySignalMessage: one version byte and a protobuf with a SignalMessage and the
// keys that the receiver needs to begin the session.
const (
	prekeyMessagePrekeyID       = 1
	prekeyMessageBaseKey        = 2
	prekeyMessageIdentity       = 3
	prekeyMessageMessage        = 4
	prekeyMessageRegistration   = 5
	prekeyMessageSignedPrekeyID = 6
	prekeyMessageKyberPrekeyID  = 7 // 7 and 8: PQXDH
)

type prekeyMessage struct {
	registrationID uint32
	prekeyID       uint32 // 0: none
	signedPrekeyID uint32
	baseKey        [32]byte
	identity       [32]byte
}

// parse reads a prekey message into an empty one, and returns the bytes of the message in it.
func (p *prekeyMessage) parse(b []byte) (inner []byte, err error) {
	switch {
	case len(b) > MaxPlaintextBytes+OverheadMaxBytes:
		return nil, malformed("prekey message is longer than one with a plaintext of 16 MiB")
	case len(b) < 1:
		return nil, malformed("prekey message is empty")
	}
	if err := checkVersion(b[0]); err != nil {
		return nil, err
	}
	var seen fieldSet
	err = protobuf.Fields(b[1:], func(f protobuf.Field) (err error) {
		if err := seen.once(f); err != nil {
			return err
		}
		switch f.Number {
		case prekeyMessagePrekeyID:
			err = f.Uint32(&p.prekeyID)
		case prekeyMessageBaseKey:
			err = f.PublicKey(&p.baseKey)
		case prekeyMessageIdentity:
			err = f.PublicKey(&p.identity)
		case prekeyMessageMessage:
			err = f.Bytes(&inner)
		case prekeyMessageRegistration:
			err = f.Uint32(&p.registrationID)
		case prekeyMessageSignedPrekeyID:
			err = f.Uint32(&p.signedPrekeyID)
		default:
			if f.Number >= prekeyMessageKyberPrekeyID {
				return status.New(status.Unsupported, "prekey message has post-quantum or unknown fields")
			}
			err = malformed("prekey message has field 0")
		}
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case !seen.has(prekeyMessageBaseKey) || !seen.has(prekeyMessageIdentity) || !seen.has(prekeyMessageMessage) || !seen.has(prekeyMessageSignedPrekeyID):
		return nil, malformed("prekey message lacks a field")
	}
	return inner, nil
}

// prekeyMessageRoom is an upper bound for the bytes of a prekey message besides the message in it.
const prekeyMessageRoom = 128

// buildPrekeyMessage wraps a message of a session that the peer may not have yet, in room if that has
// the capacity.
func buildPrekeyMessage(room []byte, s *state, wire []byte) []byte {
	e := protobuf.Encoder{B: atLeast(room, prekeyMessageRoom+len(wire))}
	e.B = append(e.B, versionByte)
	if s.pending.prekeyID != 0 {
		e.Number(prekeyMessagePrekeyID, uint64(s.pending.prekeyID))
	}
	e.PublicKey(prekeyMessageBaseKey, &s.baseKey)
	e.PublicKey(prekeyMessageIdentity, &s.localIdentity)
	e.Bytes(prekeyMessageMessage, wire)
	e.Number(prekeyMessageRegistration, uint64(s.localRegistration))
	e.Number(prekeyMessageSignedPrekeyID, uint64(s.pending.signedPrekeyID))
	return e.B
}
