package signal

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
		b := a.clone()
		c.change(b)
		if sameHandshake(a, b) != c.want || sameHandshake(b, a) != c.want {
			t.Errorf("%s: not %v", name, c.want)
		}
	}
}
