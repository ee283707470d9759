package signal_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"libcallkey/core/curve"
	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/status"
)

// A session must survive whatever order a network delivers in, and tell a message that
// came twice from one that is not genuine.
func TestOutOfOrder(t *testing.T) {
	a, b := acquainted(t)
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 8 {
		from, to := a, b
		if round%2 == 1 {
			from, to = b, a
		}
		var sent []session.Ciphertext
		for i := range 20 {
			sent = append(sent, from.seal(t, to, fmt.Sprint(round, i)))
		}
		for _, i := range random.Perm(len(sent)) {
			to.mustOpen(t, from, sent[i], fmt.Sprint(round, i))
		}
		for _, c := range sent {
			to.unchanged(t, from.address, func() { to.mustRefuse(t, from, c, status.Duplicate) })
		}
	}
}

// Every single-bit change of a message, and every truncation, is refused with a precise
// status and costs the receiver nothing: the honest message still opens.
func TestEveryBitFlip(t *testing.T) {
	for _, prekey := range []bool{true, false} {
		t.Run(fmt.Sprintf("prekey=%v", prekey), func(t *testing.T) {
			a, b := newPeer(t, alice), newPeer(t, bob)
			if prekey {
				a.begin(t, b, true)
			} else {
				a, b = acquainted(t)
			}
			honest := a.seal(t, b, "key")
			if honest.Prekey != prekey {
				t.Fatalf("prekey message: %v", honest.Prekey)
			}
			b.unchanged(t, a.address, func() {
				for n := range honest.Bytes {
					b.mustRefuse(t, a, session.Ciphertext{Bytes: honest.Bytes[:n], Prekey: prekey}, status.Malformed)
				}
				for i := range len(honest.Bytes) * 8 {
					forged := append([]byte(nil), honest.Bytes...)
					forged[i/8] ^= 1 << (i % 8)
					if prekey && outsideMAC(t, a, honest.Bytes, i/8) {
						continue
					}
					b.mustRefuse(t, a, session.Ciphertext{Bytes: forged, Prekey: prekey}, status.Malformed,
						status.Unsupported, status.Authentication, status.InvalidKey, status.NoPrekey, status.TooFar, status.Duplicate)
				}
			})
			b.mustOpen(t, a, honest, "key")
		})
	}
}

// outsideMAC tells the version byte's low half and the registration id of a prekey
// message, which nothing authenticates in version 3 of the protocol and nothing uses.
// The message ends with the registration id, a tag and the signed prekey's number.
func outsideMAC(t *testing.T, sender *peer, wire []byte, at int) bool {
	t.Helper()
	own, err := signal.OwnIdentity(sender.store)
	if err != nil {
		t.Fatal(err)
	}
	size := 1
	if own.RegistrationID >= 1<<7 {
		size = 2
	}
	end := len(wire) - 2
	return at == 0 || at >= end-size && at < end
}

// If this failed, a sender that adds a field to the plaintext could not be understood, or
// could be forged: a long message's MAC is computed in another way than a short one's.
func TestLongMessages(t *testing.T) {
	a, b := acquainted(t)
	for _, n := range []int{400, 559, 560, 600, 5000, 60000} {
		plaintext := strings.Repeat("x", n)
		b.mustOpen(t, a, a.seal(t, b, plaintext), plaintext)
		forged := a.seal(t, b, plaintext)
		forged.Bytes[n/2] ^= 1
		b.mustRefuse(t, a, forged, status.Authentication)
	}
}

// Bundles come from a server that may lie.
func TestBadBundles(t *testing.T) {
	a, b := newPeer(t, alice), newPeer(t, bob)
	good := b.bundle(t, true)
	lowOrder := [32]byte{1}
	for name, spoil := range map[string]func(*session.Bundle){
		"signature of nothing":     func(b *session.Bundle) { b.Signature = [64]byte{} },
		"signature, one bit":       func(b *session.Bundle) { b.Signature[5] ^= 1 },
		"signed prekey swapped":    func(b *session.Bundle) { b.SignedPrekey = b.Prekey },
		"identity of low order":    func(b *session.Bundle) { b.IdentityKey = lowOrder },
		"identity of zeros":        func(b *session.Bundle) { b.IdentityKey = [32]byte{} },
		"signed prekey, low order": func(b *session.Bundle) { b.SignedPrekey = lowOrder },
		"prekey of low order":      func(b *session.Bundle) { b.Prekey = lowOrder },
		"prekey not reduced":       func(b *session.Bundle) { b.Prekey[31] |= 0x80 },
	} {
		bad := good
		spoil(&bad)
		a.unchanged(t, b.address, func() {
			if err := signal.Begin(a.store, b.address, &bad); status.Of(err) != status.InvalidKey {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	if err := signal.Begin(a.store, b.address, &good); err != nil {
		t.Fatal(err)
	}
}

// A one-time prekey opens one handshake; after that its message is a duplicate, and
// another message with it finds no prekey.
func TestOneTimePrekeyIsUsedOnce(t *testing.T) {
	a, b := newPeer(t, alice), newPeer(t, bob)
	bundle := b.bundle(t, true)
	mallory := newPeer(t, signal.Address{Name: "3_1"})
	for _, p := range []*peer{a, mallory} {
		if err := signal.Begin(p.store, b.address, &bundle); err != nil {
			t.Fatal(err)
		}
	}
	first := a.seal(t, b, "1")
	second := mallory.seal(t, b, "2")
	b.mustOpen(t, a, first, "1")
	b.mustRefuse(t, a, first, status.Duplicate)
	b.unchanged(t, mallory.address, func() { b.mustRefuse(t, mallory, second, status.NoPrekey) })
	third := a.seal(t, b, "3")
	b.mustOpen(t, a, third, "3")
}

// Both call each other at once: each side's session opens the other's message and
// they settle.
func TestBothBegin(t *testing.T) {
	a, b := newPeer(t, alice), newPeer(t, bob)
	a.begin(t, b, true)
	b.begin(t, a, false)
	fromA, fromB := a.seal(t, b, "from a"), b.seal(t, a, "from b")
	b.mustOpen(t, a, fromA, "from a")
	a.mustOpen(t, b, fromB, "from b")
	for i := range 4 {
		b.mustOpen(t, a, a.seal(t, b, fmt.Sprint(i)), fmt.Sprint(i))
		a.mustOpen(t, b, b.seal(t, a, fmt.Sprint(i)), fmt.Sprint(i))
	}
	if a.seal(t, b, "").Prekey || b.seal(t, a, "").Prekey {
		t.Fatal("still prekey messages after answers both ways")
	}
}

// A gap of 2,000 messages is bridged, a longer one is TOO_FAR, and neither forgery nor
// gap harms what comes after.
func TestFarAhead(t *testing.T) {
	a, b := acquainted(t)
	var sent []session.Ciphertext
	for i := range 2003 {
		sent = append(sent, a.seal(t, b, fmt.Sprint(i)))
	}
	b.unchanged(t, a.address, func() { b.mustRefuse(t, a, sent[2001], status.TooFar) })
	b.mustOpen(t, a, sent[2000], "2000")
	b.mustOpen(t, a, sent[0], "0")
	b.mustOpen(t, a, sent[1999], "1999")
	b.mustOpen(t, a, sent[2002], "2002")
	b.mustRefuse(t, a, sent[1999], status.Duplicate)
}

// A peer that begins session after session, each with a gap as long as may be, must not
// grow its record until the store can't read it, and its peers could not call it any more.
func TestManyGapsInManySessions(t *testing.T) {
	b := newPeer(t, bob)
	bundle := b.bundle(t, false)
	sessions := 30
	if testing.Short() {
		sessions = 3
	}
	for range sessions {
		a := newPeer(t, alice)
		own, err := signal.OwnIdentity(a.store)
		if err != nil {
			t.Fatal(err)
		}
		if err := signal.Trust(b.store, alice, &own.PublicKey); err != nil {
			t.Fatal(err)
		}
		if err := signal.Begin(a.store, bob, &bundle); err != nil {
			t.Fatal(err)
		}
		for range 2000 {
			a.seal(t, b, "skipped")
		}
		last := a.seal(t, b, "last")
		b.mustOpen(t, a, last, "last")
		a.mustOpen(t, b, b.seal(t, a, "answer"), "answer")
		b.mustOpen(t, a, a.seal(t, b, "next"), "next")
	}
	if record, err := signal.Export(b.store, alice); err != nil || len(record) > 1<<20 {
		t.Fatalf("the record has %d bytes: %v", len(record), err)
	}
}

// A new phone has a new identity key. Nothing is sealed for it or opened from it until
// the app said so, and nothing is lost meanwhile.
func TestIdentityChange(t *testing.T) {
	a, b := acquainted(t)
	replaced := newPeer(t, bob)
	bundle := replaced.bundle(t, true)
	a.unchanged(t, b.address, func() {
		if err := signal.Begin(a.store, bob, &bundle); status.Of(err) != status.UntrustedIdentity {
			t.Fatalf("begin: %v", err)
		}
	})
	replaced.begin(t, a, true)
	proposal := replaced.seal(t, a, "it is me")
	a.unchanged(t, b.address, func() { a.mustRefuse(t, replaced, proposal, status.UntrustedIdentity) })
	a.mustOpen(t, b, b.seal(t, a, "the old session works"), "the old session works")

	late := b.seal(t, a, "late")
	if err := signal.Trust(a.store, bob, &bundle.IdentityKey); err != nil {
		t.Fatal(err)
	}
	if _, err := a.encrypt(bob, "x"); status.Of(err) != status.UntrustedIdentity {
		t.Fatalf("sealed on a session of the old identity: %v", err)
	}
	if err := signal.Check(a.store, bob); status.Of(err) != status.NoSession {
		t.Fatalf("check: %v", err)
	}
	a.mustRefuse(t, b, late, status.UntrustedIdentity)
	a.mustOpen(t, replaced, proposal, "it is me")
	replaced.mustOpen(t, a, a.seal(t, replaced, "welcome"), "welcome")
	if key, err := signal.IdentityOf(a.store, bob); err != nil || key != bundle.IdentityKey {
		t.Fatalf("identity: %v", err)
	}
}

// A phone-number JID and its LID become one device: the session moves and still works.
func TestAliasMovesTheSession(t *testing.T) {
	phone := signal.Address{Name: "15550001"}
	for _, both := range []bool{false, true} {
		a, b := newPeer(t, alice), newPeer(t, phone)
		a.begin(t, b, true)
		b.mustOpen(t, a, a.seal(t, b, "1"), "1")
		onPhone := b.seal(t, a, "2")
		if both {
			bundle := b.bundle(t, true)
			if err := signal.Begin(a.store, bob, &bundle); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if err := signal.Alias(a.store, phone, bob); err != nil {
				t.Fatal(err)
			}
		}
		a.mustOpen(t, b, onPhone, "2")
		b.address = bob
		b.mustOpen(t, a, a.seal(t, b, "3"), "3")
		if err := signal.Check(a.store, phone); err != nil {
			t.Fatal(err)
		}
	}
	a, b := newPeer(t, alice), newPeer(t, phone)
	a.begin(t, b, true)
	other := newPeer(t, bob)
	a.begin(t, other, true)
	a.unchanged(t, phone, func() {
		if err := signal.Alias(a.store, phone, bob); status.Of(err) != status.UntrustedIdentity {
			t.Fatalf("two people became one: %v", err)
		}
	})
}

// A session moves to another store and works there, including its skipped messages.
func TestExportAndImport(t *testing.T) {
	a, b := acquainted(t)
	skipped := a.seal(t, b, "skipped")
	b.mustOpen(t, a, a.seal(t, b, "next"), "next")
	record, err := signal.Export(b.store, alice)
	if err != nil {
		t.Fatal(err)
	}
	moved := newPeer(t, bob)
	if err := signal.Import(moved.store, alice, record); err != nil {
		t.Fatal(err)
	}
	moved.mustOpen(t, a, skipped, "skipped")
	moved.mustOpen(t, a, a.seal(t, b, "more"), "more")
	a.mustOpen(t, b, moved.seal(t, a, "back"), "back")

	for n := range record {
		if err := signal.Import(moved.store, bob, record[:n]); err == nil {
			t.Fatalf("a record of %d of %d bytes was imported", n, len(record))
		}
	}
	if err := signal.Check(moved.store, bob); status.Of(err) != status.NoSession {
		t.Fatalf("a refused import left something: %v", err)
	}
	if _, err := signal.Export(moved.store, bob); status.Of(err) != status.NoSession {
		t.Fatal(err)
	}
}

func TestOwnIdentity(t *testing.T) {
	p := newPeer(t, alice)
	id, err := signal.OwnIdentity(p.store)
	if err != nil || curve.Validate(&id.PublicKey) != nil || id.RegistrationID == 0 || id.RegistrationID > 1<<14 {
		t.Fatalf("%v %+v", err, id)
	}
	var private, public [32]byte
	curve.Generate(&private, &public)
	if err := signal.ImportIdentity(p.store, &private, 1); status.Of(err) != status.Conflict {
		t.Fatalf("an identity was replaced: %v", err)
	}
}

// Prekeys keep their numbers; a bundle has none of those that are published, here or
// elsewhere.
func TestPrekeyNumbers(t *testing.T) {
	p := newPeer(t, alice)
	var imported [32]byte
	imported[3] = 9
	if err := signal.ImportPrekey(p.store, 2, &imported); err != nil {
		t.Fatal(err)
	}
	made, err := signal.AddPrekeys(p.store, 3)
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range []uint32{1, 3, 4} {
		if made[i].ID != id {
			t.Fatalf("prekey numbers are %v", made)
		}
	}
	for _, want := range []uint32{5, 6, 7} {
		b, err := signal.TakeBundle(p.store)
		if err != nil || b.PrekeyID != want {
			t.Fatalf("bundle with prekey %d (%v), want %d", b.PrekeyID, err, want)
		}
	}
	imported[3] = 10
	for id, want := range map[uint32]status.Code{0: status.Argument, 1 << 24: status.Argument, 2: status.Conflict} {
		if err := signal.ImportPrekey(p.store, id, &imported); status.Of(err) != want {
			t.Errorf("import of number %d: %v", id, err)
		}
	}
	before := p.bundle(t, false)
	rotated, err := signal.RotateSignedPrekey(p.store)
	if err != nil || rotated.ID == before.SignedPrekeyID {
		t.Fatal(err)
	}
	after := p.bundle(t, false)
	if after.SignedPrekeyID != rotated.ID || after.SignedPrekey != rotated.PublicKey {
		t.Fatal("the bundle does not have the rotated prekey")
	}
	a := newPeer(t, bob)
	if err := signal.Begin(a.store, alice, &before); err != nil {
		t.Fatal(err)
	}
	p.mustOpen(t, a, a.seal(t, p, "on the old signed prekey"), "on the old signed prekey")
}
