package signalclient_test

import (
	"bytes"
	"testing"

	"libcallkey/core/signal"
	"libcallkey/core/status"
)

// The tests in this file move sessions between the library and the official
// client. "home" is an account of the client with our identity; the store has a
// copy of it, so either can continue what the other began.

// newHome is a pair whose store shares its identity with an account.
func newHome(t *testing.T, p *peer) (l pair, home *account) {
	t.Helper()
	home = p.create(t, "home")
	l = pair{newTwin(t, home), p.create(t, "bob")}
	return l, home
}

func mustExport(t *testing.T, l pair) []byte {
	t.Helper()
	record, err := signal.Export(l.store, addressOf(t, bobJID))
	if err != nil {
		t.Fatal(err)
	}
	return record
}

func mustImport(t *testing.T, l pair, record []byte) {
	t.Helper()
	if err := signal.Import(l.store, addressOf(t, bobJID), record); err != nil {
		t.Fatalf("a session record of signal-client %s: %v", l.bob.version, err)
	}
}

// homeOpens is the account with our identity opening what came from bob.
func homeOpens(t *testing.T, home *account, d delivery) {
	t.Helper()
	plaintext, err := home.decrypt(t, bobJID, d.message)
	if err != nil {
		t.Fatalf("signal-client %s on a moved session: %v", home.version, err)
	}
	checkPlaintext(t, plaintext, d.key)
}

// homeSeals is the account with our identity sealing for bob.
func homeSeals(t *testing.T, home *account, want string) delivery {
	t.Helper()
	d := delivery{key: newKey()}
	d.message = home.encrypt(t, bobJID, paddedPlaintext(d.key))
	if d.Type != want {
		t.Fatalf("signal-client %s sealed a %s, not a %s", home.version, d.Type, want)
	}
	return d
}

// If this fails, an app cannot leave the library with its sessions: what it
// exports is not Signal's own record, or loses the keys of late messages.
func TestSessionMovesToTheClient(t *testing.T) {
	eachVersion(t, func(t *testing.T, p *peer) {
		l, home := newHome(t, p)
		l.bob.begin(t, ourJID, theirs(takeBundle(t, l.store)))
		l.weOpen(t, l.bobSeals(t, "pkmsg"))
		l.opens(t, l.seals(t, "msg"))
		late := []delivery{l.bobSeals(t, "msg"), l.bobSeals(t, "msg")}
		opened := l.bobSeals(t, "msg")
		l.weOpen(t, opened)
		l.opens(t, l.seals(t, "msg")) // a ratchet turn, then more that is late
		late = append(late, l.bobSeals(t, "msg"))
		l.carry(t, 1)
		ours := l.seals(t, "msg") // late on bob's side

		home.importSession(t, bobJID, mustExport(t, l), l.bob.IdentityKey)
		homeOpens(t, home, late[1])
		homeOpens(t, home, late[2])
		homeOpens(t, home, late[0])
		if _, err := home.decrypt(t, bobJID, opened.message); refusalName(err) != "DuplicatedMessage" {
			t.Fatalf("the client on what we had opened before: %v", err)
		}
		for range 3 {
			l.opens(t, homeSeals(t, home, "msg"))
			homeOpens(t, home, l.bobSeals(t, "msg"))
		}
		l.opens(t, ours)
	})
}

// If this fails, an app cannot come to the library with the sessions it has, and
// every contact of its user sees a new session, or calls are lost on the way.
func TestSessionMovesFromTheClient(t *testing.T) {
	eachVersion(t, func(t *testing.T, p *peer) {
		l, home := newHome(t, p)
		home.begin(t, bobJID, l.bob.publish(t, true))
		l.opens(t, homeSeals(t, home, "pkmsg"))
		homeOpens(t, home, l.bobSeals(t, "msg"))
		late := []delivery{l.bobSeals(t, "msg"), l.bobSeals(t, "msg")}
		opened := l.bobSeals(t, "msg")
		homeOpens(t, home, opened)
		l.opens(t, homeSeals(t, home, "msg"))
		late = append(late, l.bobSeals(t, "msg"))
		homeOpens(t, home, l.bobSeals(t, "msg"))
		ours := homeSeals(t, home, "msg")

		mustImport(t, l, home.export(t, bobJID))
		checkIdentity(t, l, l.bob.IdentityKey)
		l.weOpen(t, late[1])
		l.weOpen(t, late[2])
		l.weOpen(t, late[0])
		l.weRefuse(t, opened.message, status.Duplicate)
		l.weRefuse(t, late[0].message, status.Duplicate)
		for range 3 {
			l.opens(t, l.seals(t, "msg"))
			l.carry(t, 1)
		}
		l.opens(t, ours)
	})
}

// If this fails, a session that was begun but not yet answered is dead once it
// moves: its messages no longer carry the handshake.
func TestUnansweredSessionMoves(t *testing.T) {
	eachHandshake(t, func(t *testing.T, p *peer, prekey bool) {
		t.Run("to the client", func(t *testing.T) {
			l, home := newHome(t, p)
			b := l.weBegin(t, prekey)
			l.seals(t, "pkmsg") // lost
			home.importSession(t, bobJID, mustExport(t, l), l.bob.IdentityKey)
			d := homeSeals(t, home, "pkmsg")
			if got := p.inspect(t, d.message); got.PrekeyID != b.PrekeyID || got.SignedPrekeyID != b.SignedPrekeyID || got.RegistrationID != home.RegistrationID {
				t.Fatalf("the moved session announces %+v", got)
			}
			l.opens(t, d)
			homeOpens(t, home, l.bobSeals(t, "msg"))
			l.opens(t, homeSeals(t, home, "msg"))
		})
		t.Run("from the client", func(t *testing.T) {
			l, home := newHome(t, p)
			b := l.bob.publish(t, prekey)
			home.begin(t, bobJID, b)
			homeSeals(t, home, "pkmsg") // lost
			mustImport(t, l, home.export(t, bobJID))
			d := l.seals(t, "pkmsg")
			if got := p.inspect(t, d.message); got.PrekeyID != b.PrekeyID || got.SignedPrekeyID != b.SignedPrekeyID || got.RegistrationID != home.RegistrationID {
				t.Fatalf("the moved session announces %+v", got)
			}
			l.opens(t, d)
			l.carry(t, 1)
			l.opens(t, l.seals(t, "msg"))
		})
	})
}

// If this fails, moving a session loses the older states in it, and with them the
// messages that were sealed before a device began again.
func TestArchivedStatesMove(t *testing.T) {
	eachVersion(t, func(t *testing.T, p *peer) {
		begunTwice := func(l pair, opens func(delivery)) (late delivery) {
			l.bob.begin(t, ourJID, theirs(takeBundle(t, l.store)))
			opens(l.bobSeals(t, "pkmsg"))
			late = l.bobSeals(t, "pkmsg")
			l.bob.begin(t, ourJID, theirs(takeBundle(t, l.store)))
			opens(l.bobSeals(t, "pkmsg"))
			return late
		}
		t.Run("to the client", func(t *testing.T) {
			l, home := newHome(t, p)
			late := begunTwice(l, func(d delivery) { l.weOpen(t, d) })
			home.importSession(t, bobJID, mustExport(t, l), l.bob.IdentityKey)
			homeOpens(t, home, late)
			l.opens(t, homeSeals(t, home, "msg"))
		})
		t.Run("there and back", func(t *testing.T) {
			l, home := newHome(t, p)
			late := begunTwice(l, func(d delivery) { l.weOpen(t, d) })
			home.importSession(t, bobJID, mustExport(t, l), l.bob.IdentityKey)
			record := home.export(t, bobJID)
			if err := signal.Remove(l.store, addressOf(t, bobJID)); err != nil {
				t.Fatal(err)
			}
			mustImport(t, l, record)
			l.weOpen(t, late)
			l.weRefuse(t, late.message, status.Duplicate)
			l.opens(t, l.seals(t, "msg"))
			l.carry(t, 1)
		})
	})
}

// If this fails, an app that moves its whole account to the library loses the
// calls of everybody who took a bundle of it before.
func TestAccountMovesFromTheClient(t *testing.T) {
	eachHandshake(t, func(t *testing.T, p *peer, prekey bool) {
		home := p.create(t, "home")
		b := home.publish(t, prekey)
		l := pair{newTwin(t, home), p.create(t, "bob")}
		if err := signal.ImportSignedPrekey(l.store, b.SignedPrekeyID, (*[32]byte)(b.SignedPrekeyPrivate)); err != nil {
			t.Fatal(err)
		}
		if prekey {
			if err := signal.ImportPrekey(l.store, b.PrekeyID, (*[32]byte)(b.PrekeyPrivate)); err != nil {
				t.Fatal(err)
			}
		}
		l.bob.begin(t, ourJID, b)
		l.weOpen(t, l.bobSeals(t, "pkmsg"))
		l.opens(t, l.seals(t, "msg"))
		l.carry(t, 1)
	})
}

// If this fails, a post-quantum session is taken over as if it were one of ours,
// and every message on it fails without a reason.
func TestKyberSessionIsNotImported(t *testing.T) {
	p := startPeer(t, "0.58.0")
	l, home := newHome(t, p)
	home.beginKyber(t, bobJID, l.bob.publish(t, true), l.bob)
	err := signal.Import(l.store, addressOf(t, bobJID), home.export(t, bobJID))
	if status.Of(err) != status.Unsupported {
		t.Fatalf("a session of version 4: %v", err)
	}
	if l.session() != nil {
		t.Fatal("a refused record left a session")
	}

	l.weBegin(t, true) // and one we have survives the attempt
	l.opens(t, l.seals(t, "pkmsg"))
	before := l.session()
	if err := signal.Import(l.store, addressOf(t, bobJID), home.export(t, bobJID)); status.Of(err) != status.Unsupported {
		t.Fatalf("a session of version 4: %v", err)
	}
	if !bytes.Equal(before, l.session()) {
		t.Fatal("a refused record changed the session")
	}
}
