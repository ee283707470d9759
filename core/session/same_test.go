package session

import "testing"

// made is a state of a handshake, with a sending chain at a place.
func made(handshake, root byte, index uint32) *state {
	return &state{
		localIdentity: [32]byte{1}, remoteIdentity: [32]byte{2}, baseKey: [32]byte{handshake}, root: [32]byte{root},
		sender: senderChain{public: [32]byte{handshake}, chain: chainKey{index: index}},
	}
}

// Two sessions are one if the same two devices began them with one base key; a record of an older
// client without base keys has only its ratchet key.
func TestSameHandshake(t *testing.T) {
	a := made(1, 0, 0)
	for name, c := range map[string]struct {
		change func(b *state)
		want   bool
	}{
		"a copy":                       {func(*state) {}, true},
		"one that went on":             {func(b *state) { b.sender.public[0]++ }, true},
		"another base key":             {func(b *state) { b.baseKey[31]++ }, false},
		"another peer":                 {func(b *state) { b.remoteIdentity[31]++ }, false},
		"another own identity":         {func(b *state) { b.localIdentity[31]++ }, false},
		"no base key, the ratchet key": {func(b *state) { b.baseKey = [32]byte{} }, true},
		"no base key, another one":     {func(b *state) { b.baseKey = [32]byte{}; b.sender.public[0]++ }, false},
	} {
		b := a.clone(nil)
		c.change(b)
		if sameHandshake(a, b) != c.want || sameHandshake(b, a) != c.want {
			t.Errorf("%s: not %v", name, c.want)
		}
	}
}

// Two states that went apart have more chains together than one keeps: the newest are kept, and no
// key of the others.
func TestSettledStatesKeepTheNewestChains(t *testing.T) {
	chain := func(n byte) receiverChain {
		c := receiverChain{ratchet: [32]byte{n}, chain: chainKey{key: [32]byte{n}, index: 9}}
		c.keep(skippedKey{messageKeys: messageKeys{index: 1, cipher: [32]byte{n}}})
		return c
	}
	s, over := made(1, 10, 5), made(1, 11, 3)
	over.sender.public[0] = 77 // it made another turn
	over.receivers = []receiverChain{chain(1), chain(2), chain(3)}
	s.receivers = []receiverChain{chain(4), chain(5), chain(6), chain(7)}
	dropped := [][]skippedKey{over.receivers[0].skipped, over.receivers[1].skipped}
	stays := made(2, 20, 1)
	r := &Record{current: s, archived: []*state{over, stays}}
	r.settle()
	if len(r.archived) != 1 || r.archived[0] != stays {
		t.Errorf("archived are %v", roots(r.archived))
	}
	var kept []byte
	for _, c := range s.receivers {
		kept = append(kept, c.ratchet[0])
		if len(c.skipped) != 1 || c.skipped[0].cipher[0] != c.ratchet[0] {
			t.Errorf("chain %d has lost its skipped keys", c.ratchet[0])
		}
	}
	if string(kept) != "\x03\x04\x05\x06\x07" {
		t.Errorf("kept are the chains %v", kept)
	}
	for i, keys := range dropped {
		if keys[0] != (skippedKey{}) {
			t.Errorf("the keys of dropped chain %d are still there", i+1)
		}
	}
}

func roots(states []*state) (list []byte) {
	for _, s := range states {
		list = append(list, s.root[0])
	}
	return list
}
