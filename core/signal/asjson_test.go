package signal

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"go.mau.fi/libsignal/keys/chain"
	libmessage "go.mau.fi/libsignal/keys/message"
	librecord "go.mau.fi/libsignal/state/record"
	"go.mau.fi/libsignal/util/optional"

	"libcallkey/core/curve"
	"libcallkey/core/secret"
)

// asJSON is a record as the Go Signal library writes it.
func asJSON(t *testing.T, encoded []byte) (text []byte) {
	t.Helper()
	r := newRecord()
	defer r.release()
	secret.Do(func() {
		if err := r.decode(encoded); err != nil {
			t.Error(err)
			return
		}
		list := librecord.SessionStructure{SessionState: structureOf(r.current)}
		for _, s := range r.archived {
			list.PreviousStates = append(list.PreviousStates, structureOf(s))
		}
		defer wipeBytes(reflect.ValueOf(&list))
		var err error
		if text, err = json.Marshal(list); err != nil {
			t.Error(err)
		}
	})
	return text
}

func structureOf(s *state) *librecord.StateStructure {
	public := func(key [32]byte) []byte { typed := curve.Typed(&key); return typed[:] }
	private := func(key []byte) []byte { return append([]byte(nil), key...) }
	chainOf := func(c *chainKey) *chain.KeyStructure {
		return &chain.KeyStructure{Key: private(c.key[:]), Index: c.index}
	}
	to := &librecord.StateStructure{
		SessionVersion: version3, LocalRegistrationID: s.localRegistration, RemoteRegistrationID: s.remoteRegistration,
		LocalIdentityPublic: public(s.localIdentity), RemoteIdentityPublic: public(s.remoteIdentity), SenderBaseKey: public(s.baseKey),
		RootKey: private(s.root[:]), PreviousCounter: s.previousCounter,
		SenderChain: &librecord.ChainStructure{
			SenderRatchetKeyPublic: public(s.sender.public), SenderRatchetKeyPrivate: private(s.sender.private[:]), ChainKey: chainOf(&s.sender.chain),
		},
	}
	for i := range s.receivers {
		c := &s.receivers[i]
		receiver := &librecord.ChainStructure{SenderRatchetKeyPublic: public(c.ratchet), ChainKey: chainOf(&c.chain)}
		for j := range c.skipped {
			k := &c.skipped[j]
			receiver.MessageKeys = append(receiver.MessageKeys, &libmessage.KeysStructure{
				CipherKey: private(k.cipher[:]), MacKey: private(k.mac[:]), IV: private(k.iv[:]), Index: k.index,
			})
		}
		to.ReceiverChains = append(to.ReceiverChains, receiver)
	}
	if p := s.pending; p.unacknowledged {
		to.PendingPreKey = &librecord.PendingPreKeyStructure{SignedPreKeyID: p.signedPrekeyID, BaseKey: public(s.baseKey), PreKeyID: optional.NewEmptyUint32()}
		if p.prekeyID != 0 {
			to.PendingPreKey.PreKeyID = optional.NewOptionalUint32(p.prekeyID)
		}
	}
	return to
}

// A record that comes as the Go Signal library's JSON must be the one that comes as protobuf, down
// to what nobody uses every day: a registration id, a counter, a prekey that is still pending.
func TestJSONRecordIsTheSame(t *testing.T) {
	a, b := twoDevices(t)
	for range 3 {
		if _, err := b.seal("stays away"); err != nil {
			t.Fatal(err)
		}
		passes(t, b, a)
		passes(t, a, b)
	}
	for _, oneTime := range []bool{true, false} {
		bundle := b.bundle(t)
		if !oneTime {
			bundle.PrekeyID = 0
		}
		if err := Begin(a.store, a.peer, &bundle); err != nil {
			t.Fatal(err)
		}
		r := a.record(t)
		r.current.previousCounter = 7
		a.setRecord(t, r)
		want, err := Export(a.store, a.peer)
		if err != nil {
			t.Fatal(err)
		}
		to := newOurs(t)
		if err := Import(to.store, to.peer, asJSON(t, want)); err != nil {
			t.Fatal(err)
		}
		got := to.record(t)
		for _, s := range got.states() { // which JSON does not say
			s.pending.since = 0
		}
		r = a.record(t)
		for _, s := range r.states() {
			s.pending.since = 0
		}
		if !bytes.Equal(got.encode(nil), r.encode(nil)) {
			t.Errorf("with a one-time prekey: %v, it is another record", oneTime)
		}
	}
}
