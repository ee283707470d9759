package signal

import (
	"testing"

	"libcallkey/core/status"
)

// Two states of one handshake in a record would open a message twice, and then seal with
// message keys that were used before: two messages under one key and IV.
func TestImportKeepsOneStateOfAHandshake(t *testing.T) {
	v := newVictims(t, true)
	first := sealed(t)(v.againstOurs.seal("1"))
	r := v.ours.record(t)
	r.archived = append(r.archived, r.current.clone(), r.current.clone())
	if err := Import(v.ours.store, v.ours.peer, r.encode(nil)); err != nil {
		t.Fatal(err)
	}
	if n := len(v.ours.record(t).states()); n != 1 {
		t.Fatalf("%d states of one handshake", n)
	}
	opened(t, "1")(v.ours.open(first))
	v.ours.refuses(t, first, status.Duplicate)
	for _, s := range [][32]byte{{}, r.current.baseKey} {
		twins := record{current: r.current.clone(), archived: []*state{r.current.clone()}}
		twins.current.baseKey, twins.archived[0].baseKey = s, s
		if twins.distinct(); len(twins.archived) != 0 {
			t.Fatal("two states of one handshake")
		}
	}
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
	s := r.current
	c := &s.receivers[len(s.receivers)-1]
	c.skipped = append(c.skipped, c.skipped[0], c.chain.messageKeys())
	s.receivers = append(s.receivers, *c)
	if err := Import(v.ours.store, v.ours.peer, r.encode(nil)); err != nil {
		t.Fatal(err)
	}
	for text, c := range map[string]Ciphertext{"skipped": skipped, "next": next} {
		opened(t, text)(v.ours.open(c))
		v.ours.refuses(t, c, status.Duplicate)
	}
	for range maxReceivers { // until a first chain of two would be forgotten
		opened(t, "there")(v.againstOurs.open(sealed(t)(v.ours.seal("there"))))
		opened(t, "back")(v.ours.open(sealed(t)(v.againstOurs.seal("back"))))
		v.ours.refuses(t, next, status.Duplicate, status.Authentication)
	}
}

// A record that lacks a key would seal call keys under zeros, for anyone to read.
func TestImportRefusesMissingKeys(t *testing.T) {
	v := newVictims(t, true)
	for name, spoil := range map[string]func(s *state){
		"root":      func(s *state) { s.root = [32]byte{} },
		"sending":   func(s *state) { s.sender.chain.key = [32]byte{} },
		"receiving": func(s *state) { s.receivers[0].chain.key = [32]byte{} },
		"ratchet":   func(s *state) { s.receivers[0].ratchet = [32]byte{} },
		"identity":  func(s *state) { s.remoteIdentity = [32]byte{} },
	} {
		r := v.ours.record(t)
		spoil(r.current)
		d := newOurs(t)
		if err := Import(d.store, d.peer, r.encode(nil)); status.Of(err) != status.Malformed {
			t.Errorf("%s key missing: %v", name, err)
		}
	}
}
