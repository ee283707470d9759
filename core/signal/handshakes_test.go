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

// An app that copied a session from a phone number to a LID, went on with one of them, and
// then says that both are one device, must not fall back to the older copy.
func TestAliasKeepsTheStateThatIsAhead(t *testing.T) {
	for name, c := range map[string]struct {
		on, other bool // which copy the app went on with
		want      status.Code
	}{
		"the device's": {on: true}, "the alias's": {other: true}, "neither": {},
		"both": {on: true, other: true, want: status.NoSession},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVictims(t, true)
			phone := *v.ours
			phone.peer = Address{Name: "15550001"}
			encoded, err := Export(v.ours.store, v.ours.peer)
			if err != nil {
				t.Fatal(err)
			}
			if err := Import(phone.store, phone.peer, encoded); err != nil {
				t.Fatal(err)
			}
			message := sealed(t)(v.againstOurs.seal("after the copy"))
			used := map[string]bool{}
			use := func(d *ours) {
				opened(t, "after the copy")(d.open(message))
				c := sealed(t)(d.seal("reply"))
				m, err := parseMessage(c.Bytes)
				if err != nil {
					t.Fatal(err)
				}
				used[string(m.ratchet[:])+string(rune(m.counter))] = true
			}
			if c.on {
				use(v.ours)
			}
			if c.other {
				use(&phone)
			}
			if err := Alias(v.ours.store, phone.peer, v.ours.peer); err != nil {
				t.Fatal(err)
			}
			if err := Check(v.ours.store, v.ours.peer); status.Of(err) != c.want {
				t.Fatalf("after the alias: %v", err)
			}
			if c.want != status.OK {
				if record, err := Export(v.ours.store, v.ours.peer); status.Of(err) != c.want {
					t.Fatalf("exported %d bytes: %v", len(record), err)
				}
				return
			}
			if c.on || c.other {
				v.ours.refuses(t, message, status.Duplicate)
			}
			next := sealed(t)(v.ours.seal("next"))
			m, err := parseMessage(next.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			if used[string(m.ratchet[:])+string(rune(m.counter))] {
				t.Fatal("a message key was used twice")
			}
			opened(t, "next")(v.againstOurs.open(next))
		})
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
