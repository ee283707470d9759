package signalclient_test

import (
	"fmt"
	"testing"

	"libcallkey/core/offer"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
)

// eachVersion runs a test against every release of the client library.
func eachVersion(t *testing.T, test func(t *testing.T, p *peer)) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) { test(t, startPeer(t, version)) })
	}
}

// eachHandshake does so with a one-time prekey in the bundle and without.
func eachHandshake(t *testing.T, test func(t *testing.T, p *peer, prekey bool)) {
	eachVersion(t, func(t *testing.T, p *peer) {
		for name, prekey := range map[string]bool{"with a one-time prekey": true, "without one": false} {
			t.Run(name, func(t *testing.T) { test(t, p, prekey) })
		}
	})
}

// If this fails, nobody who gets our prekey bundle can call us.
func TestTheyBegin(t *testing.T) {
	eachHandshake(t, func(t *testing.T, p *peer, prekey bool) {
		l := pair{newStore(t), p.create(t, "bob")}
		l.bob.begin(t, ourJID, theirs(bundleWith(t, l.store, prekey)))

		first, second, third := l.bobSeals(t, "pkmsg"), l.bobSeals(t, "pkmsg"), l.bobSeals(t, "pkmsg")
		l.weOpen(t, second) // the first is late
		l.weRefuse(t, second.message, status.Duplicate)
		l.weOpen(t, third)
		l.weOpen(t, first)
		l.weRefuse(t, first.message, status.Duplicate)

		identity, err := signal.IdentityOf(l.store, addressOf(t, bobJID))
		if err != nil || string(identity[:]) != string(l.bob.IdentityKey) {
			t.Fatalf("after a first message the identity we know is not the sender's: %v", err)
		}

		l.opens(t, l.seals(t, "msg")) // they began, so our answer already is acknowledged
		l.carry(t, 1)
	})
}

// If this fails, we cannot call anybody whose prekey bundle we got.
func TestWeBegin(t *testing.T) {
	eachHandshake(t, func(t *testing.T, p *peer, prekey bool) {
		l := newPair(t, p)
		b := l.weBegin(t, prekey)
		own, err := signal.OwnIdentity(l.store)
		if err != nil {
			t.Fatal(err)
		}

		first, second, third := l.seals(t, "pkmsg"), l.seals(t, "pkmsg"), l.seals(t, "pkmsg")
		want := inspection{
			Version:        3,
			RegistrationID: own.RegistrationID,
			PrekeyID:       b.PrekeyID,
			SignedPrekeyID: b.SignedPrekeyID,
		}
		if got := p.inspect(t, first.message); got != want {
			t.Fatalf("the client reads %+v in our pkmsg, not %+v", got, want)
		}
		l.opens(t, second)
		if n := l.bob.prekeys(t, ourJID); n != 0 {
			t.Fatalf("bob still holds %d one-time prekeys: our pkmsg did not name it", n)
		}
		l.opens(t, first)
		l.opens(t, third)
		if _, err := l.bob.decrypt(t, ourJID, third.message); refusalName(err) != "DuplicatedMessage" {
			t.Fatalf("the client on a second delivery: %v", err)
		}

		l.carry(t, 1)
		l.opens(t, l.seals(t, "msg")) // their answer acknowledged the session
	})
}

// If this fails, a one-time prekey serves two sessions, and the first messages of
// both lose the forward secrecy that it is for.
func TestOneTimePrekeyWorksOnce(t *testing.T) {
	eachVersion(t, func(t *testing.T, p *peer) {
		l := newPair(t, p)
		b := theirs(takeBundle(t, l.store))
		l.bob.begin(t, ourJID, b)
		mallory := pair{l.store, p.create(t, "mallory")}
		mallory.bob.begin(t, ourJID, b)
		late := mallory.bobSeals(t, "pkmsg")

		l.weOpen(t, l.bobSeals(t, "pkmsg"))
		var key [32]byte
		const malloryJID = "333333333333333:0@lid"
		err := offer.OpenEnc(l.store, &key, malloryJID, stanza.EncPkmsg, 2, late.Ciphertext)
		if status.Of(err) != status.NoPrekey || key != ([32]byte{}) {
			t.Fatalf("a second use of one-time prekey %d: %v", b.PrekeyID, err)
		}
		if err := signal.Check(l.store, addressOf(t, malloryJID)); status.Of(err) != status.NoSession {
			t.Fatalf("a refused first message left a session: %v", err)
		}
	})
}

// If this fails, a call is lost whenever the network reorders, repeats or delays
// what the two sides send.
func TestConversation(t *testing.T) {
	eachVersion(t, func(t *testing.T, p *peer) {
		l := newSession(t, p)

		for range 5 {
			l.opens(t, l.seals(t, "msg"))
		}
		l.carry(t, 5)

		for _, order := range [][]int{{3, 1, 5, 2, 4}, {5, 4, 3, 2, 1}, {2, 1, 4, 3, 5}} {
			t.Run(fmt.Sprint(order), func(t *testing.T) {
				var ours, bobs [6]delivery // numbered from 1
				for i := 1; i <= 5; i++ {
					ours[i], bobs[i] = l.seals(t, "msg"), l.bobSeals(t, "msg")
				}
				for _, i := range order {
					l.opens(t, ours[i])
					l.weOpen(t, bobs[i])
				}
				for _, i := range order {
					l.weRefuse(t, bobs[i].message, status.Duplicate)
					if _, err := l.bob.decrypt(t, ourJID, ours[i].message); refusalName(err) != "DuplicatedMessage" {
						t.Fatalf("the client on a second delivery: %v", err)
					}
				}
			})
		}
	})
}

// If this fails, a message that was overtaken by a ratchet turn, ours or theirs,
// can never be opened.
func TestLateAcrossRatchetTurns(t *testing.T) {
	eachVersion(t, func(t *testing.T, p *peer) {
		l := newSession(t, p)
		var oursLate, bobsLate []delivery
		for range 4 { // each round turns both ratchets and leaves two behind on each side
			bobsLate = append(bobsLate, l.bobSeals(t, "msg"))
			l.carry(t, 1)
			bobsLate = append(bobsLate, l.bobSeals(t, "msg"))
			oursLate = append(oursLate, l.seals(t, "msg"))
			l.opens(t, l.seals(t, "msg"))
			oursLate = append(oursLate, l.seals(t, "msg"))
		}
		for i := len(bobsLate) - 1; i >= 0; i-- { // the newest first
			l.weOpen(t, bobsLate[i])
			l.opens(t, oursLate[i])
		}
		for _, d := range bobsLate {
			l.weRefuse(t, d.message, status.Duplicate)
		}
		l.carry(t, 1)
		l.opens(t, l.seals(t, "msg"))
	})
}

// If this fails, two people who call each other at the same moment lose their
// session, or one of the two calls.
func TestCrossedBegins(t *testing.T) {
	eachVersion(t, func(t *testing.T, p *peer) {
		l := newPair(t, p)
		l.bob.begin(t, ourJID, theirs(takeBundle(t, l.store)))
		l.weBegin(t, true)
		ours, bobs := l.seals(t, "pkmsg"), l.bobSeals(t, "pkmsg")
		oursLate, bobsLate := l.seals(t, "pkmsg"), l.bobSeals(t, "pkmsg")

		l.opens(t, ours)
		l.weOpen(t, bobs)
		for range 3 { // each side answers on the session it likes; both must hold
			l.weOpen(t, l.bobSeals(t, "msg"))
			l.opens(t, l.seals(t, "msg"))
		}
		l.weOpen(t, bobsLate)
		l.opens(t, oursLate)
		l.weRefuse(t, bobs.message, status.Duplicate)
		l.carry(t, 1)
		l.opens(t, l.seals(t, "msg"))
	})
}

// If this fails, a device that reinstalled without a backup of its identity's
// sessions, and begins again, cannot reach us, or old messages of it are lost.
func TestTheyBeginAgain(t *testing.T) {
	eachVersion(t, func(t *testing.T, p *peer) {
		l := newSession(t, p)
		late := l.bobSeals(t, "msg")
		l.bob.begin(t, ourJID, theirs(takeBundle(t, l.store))) // same identity, new session
		l.weOpen(t, l.bobSeals(t, "pkmsg"))
		l.weOpen(t, late) // of the session before
		l.weRefuse(t, late.message, status.Duplicate)
		l.opens(t, l.seals(t, "msg"))
		l.carry(t, 1)
	})
}

// If this fails, a sender that lost much of its traffic locks us out, or one that
// lies about its counter makes us compute without end.
func TestCounterJumps(t *testing.T) {
	eachVersion(t, func(t *testing.T, p *peer) {
		l := newSession(t, p)
		sent := make([]delivery, 2101)
		for i := range sent {
			sent[i] = l.bobSeals(t, "msg")
		}
		l.weOpen(t, sent[0])
		l.weRefuse(t, sent[2100].message, status.TooFar) // 2000 is the most it may jump
		l.weOpen(t, sent[1500])
		l.weOpen(t, sent[700]) // kept for its late arrival
		l.weOpen(t, sent[2100])
		l.weRefuse(t, sent[700].message, status.Duplicate)
		l.opens(t, l.seals(t, "msg"))
	})
}

// If this fails, an app loses its sessions when it restarts.
func TestConversationOverRestarts(t *testing.T) {
	eachVersion(t, func(t *testing.T, p *peer) {
		file := newStoreFile(t)
		l := pair{file.open(t), p.create(t, "bob")}
		defer func() { l.store.Close() }()
		restart := func() {
			t.Helper()
			if err := l.store.Close(); err != nil {
				t.Fatal(err)
			}
			l.store = file.open(t)
		}
		l.bob.begin(t, ourJID, theirs(takeBundle(t, l.store)))
		restart() // between the bundle and the first message
		first := l.bobSeals(t, "pkmsg")
		late := l.bobSeals(t, "pkmsg")
		l.weOpen(t, first)
		restart()
		l.weRefuse(t, first.message, status.Duplicate)
		for range 3 {
			l.opens(t, l.seals(t, "msg"))
			restart()
			l.carry(t, 1)
		}
		l.weOpen(t, late)
		restart()
		l.weRefuse(t, late.message, status.Duplicate)
	})
}
