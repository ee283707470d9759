package signalclient_test

import (
	"bytes"
	"slices"
	"testing"

	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/status"
)

// If this fails, whoever registers in the place of a device we know can call us
// unnoticed, or the user cannot accept the new phone of a friend.
func TestTheirNewIdentityWhenTheyBegin(t *testing.T) {
	eachVersion(t, func(t *testing.T, p *peer) {
		l := newSession(t, p)
		old := l.bob.IdentityKey
		late := l.bobSeals(t, "msg")
		l.bob = p.create(t, "bob") // reinstalled
		l.bob.begin(t, ourJID, theirs(takeBundle(t, l.store)))
		first := l.bobSeals(t, "pkmsg")

		l.weRefuse(t, first.message, status.UntrustedIdentity)
		l.weRefuse(t, first.message, status.UntrustedIdentity) // and not only the first time
		checkIdentity(t, l, old)
		l.weOpen(t, late) // the device as we know it still is served

		trust(t, l, l.bob.IdentityKey)
		l.weOpen(t, first) // the very same bytes: nothing of it was used up
		checkIdentity(t, l, l.bob.IdentityKey)
		l.opens(t, l.seals(t, "msg"))
		l.carry(t, 1)
	})
}

// If this fails, we seal a call key for whoever took the place of a device we
// know, without anybody having accepted it.
func TestTheirNewIdentityWhenWeBegin(t *testing.T) {
	eachVersion(t, func(t *testing.T, p *peer) {
		l := newSession(t, p)
		old := l.bob.IdentityKey
		l.bob = p.create(t, "bob")
		b := l.bob.publish(t, true).ours()
		before := l.session()
		err := signal.Begin(l.store, addressOf(t, bobJID), b)
		if status.Of(err) != status.UntrustedIdentity {
			t.Fatalf("begin with a changed identity: %v", err)
		}
		if !bytes.Equal(before, l.session()) {
			t.Fatal("a refused bundle changed the session")
		}
		checkIdentity(t, l, old)

		trust(t, l, l.bob.IdentityKey)
		if err := signal.Begin(l.store, addressOf(t, bobJID), b); err != nil {
			t.Fatal(err)
		}
		l.opens(t, l.seals(t, "pkmsg"))
		l.carry(t, 1)
		l.opens(t, l.seals(t, "msg"))
	})
}

// If this fails, our own reinstalled device is not seen as one by the others.
func TestOurNewIdentity(t *testing.T) {
	eachVersion(t, func(t *testing.T, p *peer) {
		l := newSession(t, p)
		l.store = newStore(t)
		l.weBegin(t, true)
		first := l.seals(t, "pkmsg")
		if _, err := l.bob.decrypt(t, ourJID, first.message); refusalName(err) != "UntrustedIdentity" {
			t.Fatalf("the client on our changed identity: %v", err)
		}
		own, err := signal.OwnIdentity(l.store)
		if err != nil {
			t.Fatal(err)
		}
		l.bob.trust(t, ourJID, own.PublicKey[:])
		l.opens(t, first)
		l.carry(t, 1)
	})
}

// If this fails, somebody who rewrites a bundle on its way to us, a key or its
// signature, is between us and the callee from then on.
func TestForgedBundle(t *testing.T) {
	eachVersion(t, func(t *testing.T, p *peer) {
		l := newPair(t, p)
		genuine := l.bob.publish(t, true).ours()
		other := p.create(t, "mallory").publish(t, true).ours()
		for name, forge := range map[string]func(b *session.Bundle){
			"another signed prekey": func(b *session.Bundle) { b.SignedPrekey = other.SignedPrekey },
			"another signature":     func(b *session.Bundle) { b.Signature = other.Signature },
			"another identity":      func(b *session.Bundle) { b.IdentityKey = other.IdentityKey },
			"a flipped signature":   func(b *session.Bundle) { b.Signature[17] ^= 4 },
		} {
			b := *genuine
			forge(&b)
			if err := signal.Begin(l.store, addressOf(t, bobJID), &b); status.Of(err) != status.InvalidKey {
				t.Errorf("%s: %v", name, err)
			}
			if l.session() != nil {
				t.Errorf("%s left a session", name)
			}
		}
		if err := signal.Begin(l.store, addressOf(t, bobJID), genuine); err != nil {
			t.Fatal(err)
		}
		l.opens(t, l.seals(t, "pkmsg"))
	})
}

// If this fails, somebody who writes his own identity key into the first message
// of another is taken for the sender: the key that is announced is not the key
// that the session was made with.
func TestSwappedIdentityInPkmsg(t *testing.T) {
	eachHandshake(t, func(t *testing.T, p *peer, prekey bool) {
		mallory := p.create(t, "mallory").IdentityKey
		l := pair{newStore(t), p.create(t, "bob")}
		swap := func(d delivery) message {
			at := slices.Index(partsOfPkmsg(t, d.Ciphertext), partIdentity) + 1 // behind the type byte 05
			swapped := bytes.Clone(d.Ciphertext)
			if !bytes.Equal(swapped[at:at+32], l.bob.IdentityKey) {
				t.Fatal("the identity key is not where the wire format has it")
			}
			copy(swapped[at:], mallory)
			return message{d.Type, swapped}
		}
		l.bob.begin(t, ourJID, theirs(bundleWith(t, l.store, prekey)))
		first, second := l.bobSeals(t, "pkmsg"), l.bobSeals(t, "pkmsg")

		l.weRefuse(t, swap(first), status.Authentication) // nobody is known yet
		l.weOpen(t, first)
		// Without a one-time prekey the base key of the handshake is remembered: it is bob's.
		otherIdentity, otherHandshake := status.UntrustedIdentity, status.NoPrekey
		if !prekey {
			otherIdentity, otherHandshake = status.Duplicate, status.Duplicate
		}
		l.weRefuse(t, swap(second), otherIdentity)
		checkIdentity(t, l, l.bob.IdentityKey)
		trust(t, l, mallory) // even then it is not mallory's session, and her own handshake it is not
		l.weRefuse(t, swap(second), otherHandshake)
		trust(t, l, l.bob.IdentityKey)
		l.weOpen(t, second)
	})
}

func trust(t *testing.T, l pair, identity []byte) {
	t.Helper()
	if err := signal.Trust(l.store, addressOf(t, bobJID), (*[32]byte)(identity)); err != nil {
		t.Fatal(err)
	}
}

func checkIdentity(t *testing.T, l pair, want []byte) {
	t.Helper()
	got, err := signal.IdentityOf(l.store, addressOf(t, bobJID))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got[:], want) {
		t.Fatal("the identity we know of the device is another one")
	}
}
