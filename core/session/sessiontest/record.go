// Package sessiontest looks into session records and forges messages, for tests. It shares
// no code with core/session: it reads and writes Signal's storage protobuf and derives message
// keys by itself, so a test that uses it judges core/session from outside.
package sessiontest

import (
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/protobuf"
)

// Record is a device's session record: the session that seals, nil if none does, and the
// archived ones, newest first.
type Record struct {
	Current  *State
	Archived []*State
}

// State is one session. Public keys are raw.
type State struct {
	LocalIdentity, RemoteIdentity         [32]byte
	Root                                  [32]byte
	PreviousCounter                       uint32
	Sender                                SenderChain
	Receivers                             []ReceiverChain // oldest first
	Pending                               Pending
	RemoteRegistration, LocalRegistration uint32
	Stale                                 bool
	BaseKey                               [32]byte
}

// SenderChain is the chain that seals.
type SenderChain struct {
	Public, Private [32]byte
	Chain           ChainKey
}

// ReceiverChain is a chain that opens, with the keys of messages that were skipped.
type ReceiverChain struct {
	Ratchet [32]byte
	Chain   ChainKey
	Skipped []MessageKeys
}

// Pending is what makes a session seal prekey messages.
type Pending struct {
	Unacknowledged           bool
	PrekeyID, SignedPrekeyID uint32
	Since                    int64
}

// States lists the current session, if there is one, and then the archived ones.
func (r *Record) States() []*State {
	if r.Current == nil {
		return r.Archived
	}
	return append([]*State{r.Current}, r.Archived...)
}

// Clone returns a deep copy.
func (s *State) Clone() *State {
	c := *s
	c.Receivers = slices.Clone(s.Receivers)
	for i := range c.Receivers {
		c.Receivers[i].Skipped = slices.Clone(c.Receivers[i].Skipped)
	}
	return &c
}

// Wipe clears the record's secrets.
func (r *Record) Wipe() {
	for _, s := range r.States() {
		for i := range s.Receivers {
			clear(s.Receivers[i].Skipped)
		}
		clear(s.Receivers)
		*s = State{}
	}
}

// grown is a list with room for one more element. No element stays behind in an outgrown array.
func grown[T any](list []T) []T {
	larger := append(slices.Grow([]T(nil), len(list)+1), list...)
	clear(list)
	return larger
}

// Parse reads a record.
func Parse(t testing.TB, encoded []byte) *Record {
	t.Helper()
	var r Record
	message(t, encoded, func(f protobuf.Field) error {
		s := new(State)
		if f.Number == 1 {
			r.Current = s
		} else {
			r.Archived = append(r.Archived, s)
		}
		return f.Fields(s.field)
	})
	return &r
}

// message reads a message that must parse.
func message(t testing.TB, b []byte, each func(f protobuf.Field) error) {
	t.Helper()
	if err := protobuf.Fields(b, each); err != nil {
		t.Fatal(err)
	}
}

func (s *State) field(f protobuf.Field) error {
	switch f.Number {
	case 2:
		return f.PublicKey(&s.LocalIdentity)
	case 3:
		return f.PublicKey(&s.RemoteIdentity)
	case 4:
		return f.Key(&s.Root)
	case 5:
		return f.Uint32(&s.PreviousCounter)
	case 6:
		return f.Fields(func(f protobuf.Field) error {
			switch f.Number {
			case 1:
				return f.PublicKey(&s.Sender.Public)
			case 2:
				return f.Key(&s.Sender.Private)
			case 3:
				return s.Sender.Chain.read(f)
			}
			return nil
		})
	case 7:
		s.Receivers = append(grown(s.Receivers), ReceiverChain{})
		return f.Fields(s.Receivers[len(s.Receivers)-1].field)
	case 9:
		s.Pending.Unacknowledged = true
		return f.Fields(s.Pending.field)
	case 10:
		return f.Uint32(&s.RemoteRegistration)
	case 11:
		return f.Uint32(&s.LocalRegistration)
	case 12:
		return f.Bool(&s.Stale)
	case 13:
		return f.PublicKey(&s.BaseKey)
	}
	return nil
}

func (c *ReceiverChain) field(f protobuf.Field) error {
	switch f.Number {
	case 1:
		return f.PublicKey(&c.Ratchet)
	case 3:
		return c.Chain.read(f)
	case 4:
		c.Skipped = append(grown(c.Skipped), MessageKeys{})
		return c.Skipped[len(c.Skipped)-1].read(f)
	}
	return nil
}

func (p *Pending) field(f protobuf.Field) error {
	switch f.Number {
	case 1:
		return f.Uint32(&p.PrekeyID)
	case 3:
		return f.Uint32(&p.SignedPrekeyID)
	case 4:
		return f.UnixTime(&p.Since)
	}
	return nil
}

// Encode writes the record, its fields in the order of their numbers.
func (r *Record) Encode() []byte {
	var e protobuf.Encoder
	if r.Current != nil {
		r.Current.write(&e, 1)
	}
	for _, s := range r.Archived {
		s.write(&e, 2)
	}
	return e.B
}

func (s *State) write(e *protobuf.Encoder, n protowire.Number) {
	mark := e.Begin(n)
	e.Number(1, 3)
	e.PublicKey(2, &s.LocalIdentity)
	e.PublicKey(3, &s.RemoteIdentity)
	e.Bytes(4, s.Root[:])
	e.Number(5, uint64(s.PreviousCounter))
	sender := e.Begin(6)
	e.PublicKey(1, &s.Sender.Public)
	e.Bytes(2, s.Sender.Private[:])
	s.Sender.Chain.write(e)
	e.End(sender)
	for i := range s.Receivers {
		c := &s.Receivers[i]
		receiver := e.Begin(7)
		e.PublicKey(1, &c.Ratchet)
		c.Chain.write(e)
		for j := range c.Skipped {
			c.Skipped[j].write(e)
		}
		e.End(receiver)
	}
	if p := s.Pending; p.Unacknowledged {
		pending := e.Begin(9)
		if p.PrekeyID != 0 {
			e.Number(1, uint64(p.PrekeyID))
		}
		e.PublicKey(2, &s.BaseKey)
		e.Number(3, uint64(p.SignedPrekeyID))
		e.Number(4, uint64(p.Since))
		e.End(pending)
	}
	e.Number(10, uint64(s.RemoteRegistration))
	e.Number(11, uint64(s.LocalRegistration))
	if s.Stale {
		e.Number(12, 1)
	}
	e.PublicKey(13, &s.BaseKey)
	e.End(mark)
}

// Limits of a record, as every Signal client has them, but the jump: that is ours.
const (
	MaxArchived  = 40   // sessions beside the current one
	MaxReceivers = 5    // receiving chains of a session
	MaxJump      = 2000 // how far a message may be ahead of its chain
)
