package signal

import (
	"libcallkey/core/session"
	"libcallkey/core/session/sessiontest"
	"testing"

	"libcallkey/core/status"
)

// Two states of one handshake in a record would open a message twice, and then seal with
// message keys that were used before: two messages under one key and IV.
func TestImportKeepsOneStateOfAHandshake(t *testing.T) {
	v := newVictims(t, true)
	first := sealed(t)(v.againstOurs.seal("1"))
	r := v.ours.record(t)
	r.Archived = append(r.Archived, r.Current.Clone(), r.Current.Clone())
	if err := Import(v.ours.store, v.ours.peer, r.Encode()); err != nil {
		t.Fatal(err)
	}
	if n := len(v.ours.record(t).States()); n != 1 {
		t.Fatalf("%d states of one handshake", n)
	}
	opened(t, "1")(v.ours.open(first))
	v.ours.refuses(t, first, status.Duplicate)
}

// A record that keeps a message's keys beside a chain that still has them, or keeps them
// twice, or has a chain twice, would open that message twice.
func TestImportKeepsOneKeyOfAMessage(t *testing.T) {
	v := newVictims(t, true)
	opened(t, "turn")(v.ours.open(sealed(t)(v.againstOurs.seal("turn"))))
	skipped := sealed(t)(v.againstOurs.seal("skipped"))
	opened(t, "passed")(v.ours.open(sealed(t)(v.againstOurs.seal("passed"))))
	next := sealed(t)(v.againstOurs.seal("next"))
	r := v.ours.record(t)
	s := r.Current
	c := &s.Receivers[len(s.Receivers)-1]
	c.Skipped = append(c.Skipped, c.Skipped[0], c.Chain.MessageKeys())
	s.Receivers = append(s.Receivers, *c)
	if err := Import(v.ours.store, v.ours.peer, r.Encode()); err != nil {
		t.Fatal(err)
	}
	for text, c := range map[string]session.Ciphertext{"skipped": skipped, "next": next} {
		opened(t, text)(v.ours.open(c))
		v.ours.refuses(t, c, status.Duplicate)
	}
	for range sessiontest.MaxReceivers { // until a first chain of two would be forgotten
		opened(t, "there")(v.againstOurs.open(sealed(t)(v.ours.seal("there"))))
		opened(t, "back")(v.ours.open(sealed(t)(v.againstOurs.seal("back"))))
		v.ours.refuses(t, next, status.Duplicate, status.Authentication)
	}
}

// A record that lacks a key would seal call keys under zeros, for anyone to read.
func TestImportRefusesMissingKeys(t *testing.T) {
	v := newVictims(t, true)
	for name, spoil := range map[string]func(s *sessiontest.State){
		"root":      func(s *sessiontest.State) { s.Root = [32]byte{} },
		"sending":   func(s *sessiontest.State) { s.Sender.Chain.Key = [32]byte{} },
		"receiving": func(s *sessiontest.State) { s.Receivers[0].Chain.Key = [32]byte{} },
		"ratchet":   func(s *sessiontest.State) { s.Receivers[0].Ratchet = [32]byte{} },
		"identity":  func(s *sessiontest.State) { s.RemoteIdentity = [32]byte{} },
	} {
		r := v.ours.record(t)
		spoil(r.Current)
		d := newOurs(t)
		if err := Import(d.store, d.peer, r.Encode()); status.Of(err) != status.Malformed {
			t.Errorf("%s key missing: %v", name, err)
		}
	}
}
