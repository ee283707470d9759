package signal

import (
	"libcallkey/core/session"
	"libcallkey/core/session/sessiontest"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

// fieldsOf are the fields of a protobuf, as they are written.
func fieldsOf(t *testing.T, b []byte) (written [][]byte) {
	t.Helper()
	for len(b) > 0 {
		_, _, n := protowire.ConsumeField(b)
		if n < 0 {
			t.Fatal("it is no protobuf")
		}
		written = append(written, b[:n])
		b = b[n:]
	}
	return written
}

// orders calls f with the parts in every order.
func orders(parts [][]byte, f func(inOrder []byte)) {
	var place func(n int, done []byte)
	used := make([]bool, len(parts))
	place = func(n int, done []byte) {
		if n == len(parts) {
			f(done)
			return
		}
		for i, part := range parts {
			if !used[i] {
				used[i] = true
				place(n+1, append(done[:len(done):len(done)], part...))
				used[i] = false
			}
		}
	}
	place(0, nil)
}

// An app, or a server, says msg of a prekey message, or pkmsg of a message. If one of them
// were UNSUPPORTED, the app would tell its user to update. Fields may come in any order.
func TestMessageOfTheOtherForm(t *testing.T) {
	v := newVictims(t, false)
	prekey := sealed(t)(v.againstOurs.seal("x"))
	inner := sessiontest.ParseMessage(t, true, prekey.Bytes)
	tried := 0
	orders(fieldsOf(t, prekey.Bytes[1:]), func(b []byte) {
		tried++
		if _, err := Parse(false, append([]byte{0x33}, b...)); status.Of(err) != status.Malformed {
			t.Fatalf("a pkmsg as msg: %v, %x", err, b)
		}
		if _, err := Parse(true, append([]byte{0x33}, b...)); err != nil {
			t.Fatalf("a pkmsg: %v", err)
		}
	})
	covered := inner.Covered[1:]
	orders(fieldsOf(t, covered), func(b []byte) {
		tried++
		b = append(append([]byte{0x33}, b...), inner.MAC...)
		if _, err := Parse(true, b); status.Of(err) != status.Malformed {
			t.Fatalf("a msg as pkmsg: %v, %x", err, b)
		}
		if _, err := Parse(false, b); err != nil {
			t.Fatalf("a msg: %v", err)
		}
	})
	if tried != 720+24 {
		t.Fatalf("%d orders were tried", tried)
	}
}

// Row 28, and row 12: a message that could be from either of several devices must not cost
// more than one that is from a single one.
func TestFault28_CostOfSeveralNames(t *testing.T) {
	v := newVictims(t, true)
	r := v.ours.record(t)
	forged := forge(t, v.againstOurs, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.BogusTurn(); f.Counter = sessiontest.MaxJump })
	in, err := Parse(false, forged.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range []status.Code{status.Authentication, status.Authentication, status.TooFar} {
		addresses := []Address{v.ours.peer, {Name: "another", Device: 1}, {Name: "third", Device: 1}}[:n+1]
		err = Within(v.ours.store, addresses, nil, func(tx *store.Tx, devices []Device) error {
			for _, d := range devices {
				tx.Put(store.Sessions, string(d), r.Encode())
				tx.Delete(store.Chains, string(d))
				tx.Put(store.Identities, string(d), append([]byte(nil), r.Current.RemoteIdentity[:]...))
			}
			_, _, err := in.DecryptKnown(tx, devices)
			return err
		})
		if left := max(session.MessageBudget-session.Budget(n+1)*sessiontest.MaxJump, 0); status.Of(err) != want || in.left != left {
			t.Fatalf("%d names: %v, %d of %d steps are left, want %d", n+1, err, in.left, session.MessageBudget, left)
		}
	}
}

// Row 28: what is told of a message that no device could open is what one of them knows of it.
func TestFault28_WhatSeveralNamesSay(t *testing.T) {
	v := newVictims(t, true)
	message := sealed(t)(v.againstOurs.seal("x"))
	another, third := Address{Name: "another", Device: 1}, Address{Name: "third", Device: 1}
	decrypt := func(prepare func(tx *store.Tx, devices []Device), c session.Ciphertext, addresses ...Address) (sender int, plaintext []byte, err error) {
		t.Helper()
		in, err := Parse(c.Prekey, c.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		err = Within(v.ours.store, addresses, in.Locks(v.ours.store), func(tx *store.Tx, devices []Device) (err error) {
			prepare(tx, devices)
			sender, plaintext, err = in.DecryptKnown(tx, devices)
			return err
		})
		return sender, plaintext, err
	}
	nothing := func(*store.Tx, []Device) {}
	damaged := func(tx *store.Tx, devices []Device) { tx.Put(store.Sessions, string(devices[0]), []byte("damaged")) }
	expect := func(when string, want status.Code, wantSender, sender int, err error) {
		t.Helper()
		if status.Of(err) != want || sender != wantSender {
			t.Errorf("%s: %v, of %d", when, err, sender)
		}
	}
	sender, _, err := decrypt(nothing, message, another, third)
	expect("nobody has a session", status.NoSession, 0, sender, err)
	forged := forge(t, v.againstOurs, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.SpoilMAC = true })
	sender, _, err = decrypt(nothing, forged, another, v.ours.peer)
	expect("the second has one, that it is not of", status.Authentication, 1, sender, err)
	sender, _, err = decrypt(damaged, forged, another, v.ours.peer)
	expect("the first's can't be read", status.StoreCorrupt, 0, sender, err)
	sender, _, err = decrypt(func(tx *store.Tx, devices []Device) { damaged(tx, devices[1:]) }, forged, v.ours.peer, another)
	expect("the second's can't be read", status.StoreCorrupt, 1, sender, err)
	sender, plaintext, err := decrypt(damaged, message, another, v.ours.peer)
	expect("the second's all the same", status.OK, 1, sender, err)
	if string(plaintext) != "x" {
		t.Errorf("it says %q", plaintext)
	}
	sender, _, err = decrypt(nothing, message, another, v.ours.peer)
	expect("the second's once more: its first name's record is damaged", status.Duplicate, 1, sender, err)

	v = newVictims(t, false)
	first := sealed(t)(v.againstOurs.seal("x"))
	sender, _, err = decrypt(nothing, first, another, third)
	expect("a stranger", status.Conflict, 0, sender, err)
	lowOrder := forge(t, v.againstOurs, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Identity = append([]byte{5, 1}, make([]byte, 31)...) })
	sender, _, err = decrypt(nothing, lowOrder, another, third)
	expect("an identity that nobody can have", status.InvalidKey, 0, sender, err)
}
