package sessiontest

import (
	"encoding/json"
	"testing"

	"go.mau.fi/libsignal/keys/chain"
	libmessage "go.mau.fi/libsignal/keys/message"
	librecord "go.mau.fi/libsignal/state/record"
	"go.mau.fi/libsignal/util/optional"

	"libcallkey/core/curve"
)

// JSON is the record as the Go Signal library writes it.
func (r *Record) JSON(t testing.TB) []byte {
	t.Helper()
	list := librecord.SessionStructure{SessionState: r.Current.structure()}
	for _, s := range r.Archived {
		list.PreviousStates = append(list.PreviousStates, s.structure())
	}
	text, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (s *State) structure() *librecord.StateStructure {
	public := func(key [32]byte) []byte { typed := curve.Typed(&key); return typed[:] }
	chainOf := func(c *ChainKey) *chain.KeyStructure {
		return &chain.KeyStructure{Key: c.Key[:], Index: c.Index}
	}
	to := &librecord.StateStructure{
		SessionVersion: 3, LocalRegistrationID: s.LocalRegistration, RemoteRegistrationID: s.RemoteRegistration,
		LocalIdentityPublic: public(s.LocalIdentity), RemoteIdentityPublic: public(s.RemoteIdentity), SenderBaseKey: public(s.BaseKey),
		RootKey: s.Root[:], PreviousCounter: s.PreviousCounter,
		SenderChain: &librecord.ChainStructure{
			SenderRatchetKeyPublic: public(s.Sender.Public), SenderRatchetKeyPrivate: s.Sender.Private[:], ChainKey: chainOf(&s.Sender.Chain),
		},
	}
	for i := range s.Receivers {
		c := &s.Receivers[i]
		receiver := &librecord.ChainStructure{SenderRatchetKeyPublic: public(c.Ratchet), ChainKey: chainOf(&c.Chain)}
		for j := range c.Skipped {
			k := &c.Skipped[j]
			receiver.MessageKeys = append(receiver.MessageKeys, &libmessage.KeysStructure{
				CipherKey: k.Cipher[:], MacKey: k.MAC[:], IV: k.IV[:], Index: k.Index,
			})
		}
		to.ReceiverChains = append(to.ReceiverChains, receiver)
	}
	if p := s.Pending; p.Unacknowledged {
		to.PendingPreKey = &librecord.PendingPreKeyStructure{SignedPreKeyID: p.SignedPrekeyID, BaseKey: public(s.BaseKey), PreKeyID: optional.NewEmptyUint32()}
		if p.PrekeyID != 0 {
			to.PendingPreKey.PreKeyID = optional.NewOptionalUint32(p.PrekeyID)
		}
	}
	return to
}
