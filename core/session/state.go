package session

import (
	"libcallkey/core/protobuf"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/secret"
	"libcallkey/core/status"
)

// state is one session. Public keys are raw, without the type byte.
type state struct {
	localIdentity, remoteIdentity         [32]byte
	localRegistration, remoteRegistration uint32

	root            [32]byte
	previousCounter uint32
	sender          senderChain
	receivers       []receiverChain // oldest first

	// baseKey is the initiator's ephemeral key: it identifies the handshake.
	baseKey [32]byte
	// pending makes the messages sealed here prekey messages, until the peer's first
	// message shows that it has the session.
	pending pendingPrekey
	// stale: the session comes from an old copy of the store. The original may have sealed with
	// its next keys since then, so it opens messages and seals none.
	stale bool

	room [maxReceivers + 1]receiverChain // of receivers
}

type pendingPrekey struct {
	unacknowledged bool
	prekeyID       uint32 // 0: none
	signedPrekeyID uint32
	since          int64 // Unix seconds
	undated        bool  // the row that was read does not say since when
}

// LastSecond is the end of the year 9999. A later time is one in milliseconds.
const LastSecond = 253402300799

func inSeconds(since int64) bool { return since > 0 && since <= LastSecond }

// Numbers of the fields of a state (SessionStructure).
const (
	sessionVersion            = 1
	sessionLocalIdentity      = 2
	sessionRemoteIdentity     = 3
	sessionRoot               = 4
	sessionPreviousCounter    = 5
	sessionSender             = 6
	sessionReceiver           = 7
	sessionPendingExchange    = 8 // of a handshake that no client has used for years
	sessionPendingPrekey      = 9
	sessionRemoteRegistration = 10
	sessionLocalRegistration  = 11
	sessionNeedsRefresh       = 12 // Signal's own clients wrote it to request a new session
	sessionBaseKey            = 13

	pendingPrekeyID     = 1
	pendingBaseKey      = 2
	pendingSignedPrekey = 3
	pendingTimestamp    = 4
)

// version3 is the session version of X3DH; 4 is PQXDH.
const version3 = 3

// What is written at most, in bytes: a state without its receiving chains, one of those without its
// skipped keys, a chain key, and the number of skipped keys.
const (
	stateMax    = 337
	receiverMax = 79
	chainKeyMax = 42 // of both
	awayMax     = 4
)

// size is what encode writes in bytes, so that no secret stays behind in an outgrown buffer.
func (s *state) size(f form) int { return protobuf.MessageBytes(s.bodySize(f)) }

func (s *state) bodySize(f form) int {
	n := protobuf.NumberBytes(version3) + 3*protobuf.PublicKeyBytes + protobuf.KeyBytes +
		protobuf.NumberBytes(uint64(s.previousCounter)) +
		protobuf.MessageBytes(s.sender.bodySize(f)) +
		protobuf.NumberBytes(uint64(s.remoteRegistration)) +
		protobuf.NumberBytes(uint64(s.localRegistration))
	for i := range s.receivers {
		n += protobuf.MessageBytes(s.receivers[i].bodySize(f, s.chainAway(i, f)))
	}
	if s.pending.unacknowledged {
		n += protobuf.MessageBytes(s.pending.bodySize())
	}
	if s.stale {
		n += protobuf.NumberBytes(1)
	}
	return n
}

func (p *pendingPrekey) bodySize() int {
	n := protobuf.PublicKeyBytes + protobuf.NumberBytes(uint64(p.signedPrekeyID)) + protobuf.NumberBytes(uint64(p.since))
	if p.prekeyID != 0 {
		n += protobuf.NumberBytes(uint64(p.prekeyID))
	}
	return n
}

func (s *state) encode(e *protobuf.Encoder, n protowire.Number, f form) {
	e.Message(n, s.bodySize(f))
	e.Number(sessionVersion, version3)
	e.PublicKey(sessionLocalIdentity, &s.localIdentity)
	e.PublicKey(sessionRemoteIdentity, &s.remoteIdentity)
	e.Bytes(sessionRoot, s.root[:])
	e.Number(sessionPreviousCounter, uint64(s.previousCounter))
	s.sender.encode(e, f)
	for i := range s.receivers {
		s.receivers[i].encode(e, f, s.chainAway(i, f))
	}
	if s.pending.unacknowledged {
		e.Message(sessionPendingPrekey, s.pending.bodySize())
		if s.pending.prekeyID != 0 {
			e.Number(pendingPrekeyID, uint64(s.pending.prekeyID))
		}
		e.PublicKey(pendingBaseKey, &s.baseKey)
		e.Number(pendingSignedPrekey, uint64(s.pending.signedPrekeyID))
		e.Number(pendingTimestamp, uint64(s.pending.since))
	}
	e.Number(sessionRemoteRegistration, uint64(s.remoteRegistration))
	e.Number(sessionLocalRegistration, uint64(s.localRegistration))
	if s.stale {
		e.Number(sessionNeedsRefresh, 1)
	}
	e.PublicKey(sessionBaseKey, &s.baseKey)
}

func (s *state) decode(body []byte, now int64) error {
	s.receivers = s.room[:0]
	var version uint32
	var senderSeen bool
	err := protobuf.Fields(body, func(f protobuf.Field) (err error) {
		switch f.Number {
		case sessionVersion:
			err = f.Uint32(&version)
		case sessionLocalIdentity:
			err = f.PublicKey(&s.localIdentity)
		case sessionRemoteIdentity:
			err = f.PublicKey(&s.remoteIdentity)
		case sessionRoot:
			err = f.Key(&s.root)
		case sessionPreviousCounter:
			err = f.Uint32(&s.previousCounter)
		case sessionSender:
			senderSeen = true
			err = s.sender.decode(f)
		case sessionReceiver:
			if len(s.receivers) == maxReceivers {
				s.receivers[0].wipe()
				s.receivers = slices.Delete(s.receivers, 0, 1)
			}
			s.receivers = append(s.receivers, receiverChain{})
			err = s.receivers[len(s.receivers)-1].decode(f)
		case sessionPendingPrekey:
			err = s.decodePending(f, now)
		case sessionRemoteRegistration:
			err = f.Uint32(&s.remoteRegistration)
		case sessionLocalRegistration:
			err = f.Uint32(&s.localRegistration)
		case sessionBaseKey:
			err = f.PublicKey(&s.baseKey)
		case sessionNeedsRefresh:
			err = f.Bool(&s.stale)
		case sessionPendingExchange:
		default:
			err = protobuf.Unknown("session state")
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case version != version3:
		return status.New(status.Unsupported, "the session has version %d; this library supports 3", version)
	case !senderSeen:
		return malformed("session state has no sending chain")
	}
	return s.hasKeys()
}

// hasKeys returns MALFORMED if the state lacks a key that each one has. For chain keys see complete.
func (s *state) hasKeys() error {
	switch {
	case s.remoteIdentity == [32]byte{} || s.localIdentity == [32]byte{}: // public: identity keys
		return malformed("session state has no identity keys")
	case secret.IsZero(s.root[:]):
		return malformed("session state has no root key")
	case secret.IsZero(s.sender.private[:]) || s.sender.public == [32]byte{}: // public: a ratchet key
		return malformed("sending chain has no ratchet key")
	}
	for i := range s.receivers {
		if s.receivers[i].ratchet == [32]byte{} { // public: sent in messages
			return malformed("receiving chain has no ratchet key")
		}
	}
	return nil
}

func (s *state) decodePending(f protobuf.Field, now int64) error {
	s.pending = pendingPrekey{unacknowledged: true}
	p := &s.pending
	err := f.Fields(func(f protobuf.Field) (err error) {
		switch f.Number {
		case pendingPrekeyID:
			err = f.Uint32(&p.prekeyID)
		case pendingBaseKey:
			err = f.PublicKey(&s.baseKey)
		case pendingSignedPrekey:
			err = f.Uint32(&p.signedPrekeyID)
		case pendingTimestamp:
			err = f.UnixTime(&p.since)
		default:
			err = protobuf.Unknown("pending prekey")
		}
		return err
	})
	if !inSeconds(p.since) { // whoever wrote it kept none, or not in seconds
		p.since, p.undated = now, true
	}
	return err
}

// receiver returns the index of the chain of a remote ratchet key, -1 if there is none.
func (s *state) receiver(ratchet *[32]byte) int {
	for i := range s.receivers {
		if s.receivers[i].ratchet == *ratchet { // public: sent in messages
			return i
		}
	}
	return -1
}

func (s *state) wipe() {
	for i := range s.receivers {
		s.receivers[i].wipe()
	}
	*s = state{}
}
