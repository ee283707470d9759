package signalclient_test

import (
	"bytes"
	"testing"
	"time"

	"libcallkey/core/session"
	"libcallkey/core/status"
)

// kept is a device without a store: it keeps its keys and the record with bob itself.
type kept struct {
	session.Keys
	private, prekey, signedPrekey [32]byte
	record                        []byte
}

func newKept() *kept {
	k := new(kept)
	k.RegistrationID = session.GenerateAccount(&k.private, session.System)
	k.Private = &k.private
	return k
}

// keptAs is one with the identity of an account of the client.
func keptAs(home *account) *kept {
	k := new(kept)
	k.RegistrationID = home.RegistrationID
	copy(k.private[:], home.IdentityPrivate)
	k.Private = &k.private
	return k
}

func (k *kept) publish(t *testing.T, prekey bool) *bundle {
	t.Helper()
	own, err := session.OpenAccount(k.RegistrationID, &k.private)
	if err != nil {
		t.Fatal(err)
	}
	defer own.Wipe()
	b := &session.Bundle{RegistrationID: k.RegistrationID, IdentityKey: own.Public, SignedPrekeyID: 7}
	if b.SignedPrekey, b.Signature, err = session.GenerateSignedPrekey(&k.signedPrekey, own, 7, session.System); err != nil {
		t.Fatal(err)
	}
	k.SignedPrekey = &k.signedPrekey
	if prekey {
		b.PrekeyID = 5
		if b.Prekey, err = session.GeneratePrekey(&k.prekey, 5, session.System); err != nil {
			t.Fatal(err)
		}
		k.Prekey = &k.prekey
	}
	return theirs(b)
}

func (k *kept) begin(t *testing.T, b *session.Bundle) {
	t.Helper()
	next, err := session.BeginRecord(k.record, &k.Keys, b, time.Now().Unix(), session.System)
	if err != nil {
		t.Fatal(err)
	}
	k.record, k.Identity = next, b.IdentityKey[:]
}

func (k *kept) seal(t *testing.T, text []byte, want string) message {
	t.Helper()
	next, c, err := session.SealRecord(k.record, &k.Keys, text, time.Now().Unix())
	if err != nil {
		t.Fatal(err)
	}
	k.record = next
	m := message{"msg", c.Bytes}
	if c.Prekey {
		m.Type = "pkmsg"
	}
	if m.Type != want {
		t.Fatalf("sealed a %s, not a %s", m.Type, want)
	}
	return m
}

func (k *kept) try(m message) (next, text []byte, sender [32]byte, err error) {
	return session.OpenRecord(k.record, &k.Keys, m.Type == "pkmsg", m.Ciphertext, time.Now().Unix(), session.System)
}

func (k *kept) open(t *testing.T, m message, want []byte) {
	t.Helper()
	next, text, sender, err := k.try(m)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, want) {
		t.Fatalf("opened %x, not %x", text, want)
	}
	k.record, k.Identity = next, sender[:]
}

// opens is the client opening what k sealed.
func opens(t *testing.T, a *account, m message, want []byte) {
	t.Helper()
	if got, err := a.decrypt(t, ourJID, m); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("signal-client %s opened %x, %v", a.version, got, err)
	}
}

// carryOn sends in both directions, of all lengths, and some of it late.
func carryOn(t *testing.T, k *kept, bob *account) {
	t.Helper()
	for i := range 6 {
		text := bytes.Repeat([]byte{byte(i)}, 2+i*i*211)
		late := bob.encrypt(t, ourJID, text)
		k.open(t, bob.encrypt(t, ourJID, text[1:]), text[1:])
		opens(t, bob, k.seal(t, text, "msg"), text)
		k.open(t, late, text)
		_, _, _, err := k.try(late)
		if status.Of(err) != status.Duplicate {
			t.Fatalf("a second time: %v", err)
		}
	}
}

// If this fails, a server that keeps its sessions in its own database cannot reach official clients, or
// they cannot reach it.
func TestAKeptRecordTalks(t *testing.T) {
	eachHandshake(t, func(t *testing.T, p *peer, prekey bool) {
		t.Run("they begin", func(t *testing.T) {
			k, bob := newKept(), p.create(t, "bob")
			bob.begin(t, ourJID, k.publish(t, prekey))
			first := bob.encrypt(t, ourJID, []byte("first"))
			in, err := session.Parse(true, first.Ciphertext)
			if err != nil {
				t.Fatal(err)
			}
			if says, _ := in.First(); says.SignedPrekeyID != 7 || (says.PrekeyID == 5) != prekey || !bytes.Equal(says.Identity[:], bob.IdentityKey) {
				t.Fatalf("a first message says %+v", says)
			}
			k.open(t, first, []byte("first"))
			if !bytes.Equal(k.Identity, bob.IdentityKey) {
				t.Fatal("the sender is told as another one")
			}
			k.Private, k.Prekey, k.SignedPrekey = nil, nil, nil // no other message needs them
			k.open(t, bob.encrypt(t, ourJID, []byte("second")), []byte("second"))
			opens(t, bob, k.seal(t, []byte("answer"), "msg"), []byte("answer"))
			carryOn(t, k, bob)
		})
		t.Run("we begin", func(t *testing.T) {
			k, bob := newKept(), p.create(t, "bob")
			k.begin(t, bob.publish(t, prekey).ours())
			opens(t, bob, k.seal(t, []byte("first"), "pkmsg"), []byte("first"))
			opens(t, bob, k.seal(t, []byte("second"), "pkmsg"), []byte("second"))
			answer := bob.encrypt(t, ourJID, []byte("answer"))
			k.open(t, answer, []byte("answer"))
			carryOn(t, k, bob)
		})
	})
}

// If this fails, an operator cannot take the records of official clients into a database of its own, with
// messages still on their way, or give them back.
func TestAClientsRecordIsKept(t *testing.T) {
	eachVersion(t, func(t *testing.T, p *peer) {
		home, bob := p.create(t, "home"), p.create(t, "bob")
		home.begin(t, bobJID, bob.publish(t, true))
		first := home.encrypt(t, bobJID, []byte("first"))
		opens(t, bob, first, []byte("first"))
		late := bob.encrypt(t, ourJID, []byte("late"))
		if _, err := home.decrypt(t, bobJID, bob.encrypt(t, ourJID, []byte("answer"))); err != nil {
			t.Fatal(err)
		}
		k := keptAs(home)
		k.Identity = bob.IdentityKey
		foreign := home.export(t, bobJID)
		var err error
		if k.record, err = session.MergeRecords(foreign, nil); err != nil {
			t.Fatal(err)
		}
		direct := keptAs(home)
		direct.Identity, direct.record = bob.IdentityKey, foreign
		if _, text, _, err := direct.try(late); err != nil || string(text) != "late" {
			t.Fatalf("a record that no merge has checked opens %q, %v", text, err)
		}
		k.open(t, late, []byte("late"))
		carryOn(t, k, bob)

		home.importSession(t, bobJID, k.record, bob.IdentityKey)
		back := home.encrypt(t, bobJID, []byte("back"))
		opens(t, bob, back, []byte("back"))
	})
}
