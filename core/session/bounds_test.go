package session

import (
	"libcallkey/core/protobuf"
	"libcallkey/core/status"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// decodedKeys reads the keys of a skipped message.
func decodedKeys(body []byte) (k skippedKey, err error) {
	var e protobuf.Encoder
	e.Bytes(chainMessageKeys, body)
	err = protobuf.Fields(e.B, func(f protobuf.Field) error {
		return k.decode(f)
	})
	return k, err
}

// Keys of an imported record that are too short would be filled up with zeros.
func TestLengthsOfImportedMessageKeys(t *testing.T) {
	right := map[protowire.Number]int{messageKeysCipher: 32, messageKeysMAC: 32, messageKeysIV: 16}
	decode := func(wrong protowire.Number, by int) error {
		var e protobuf.Encoder
		e.Number(messageKeysIndex, 7)
		for n, size := range right {
			if n == wrong {
				size += by
			}
			e.Bytes(n, make([]byte, size))
		}
		_, err := decodedKeys(e.B)
		return err
	}
	if err := decode(0, 0); err != nil {
		t.Fatalf("keys of the right lengths: %v", err)
	}
	for n := range right {
		for _, by := range []int{-1, 1} {
			if err := decode(n, by); status.Of(err) != status.Malformed {
				t.Errorf("field %d, %d bytes longer: %v", n, by, err)
			}
		}
	}
}

// The session of an archive that is full, and the chains of a state, hold keys of messages
// that are still under way: nobody wipes them but who drops them.
func TestEvictedStateIsWiped(t *testing.T) {
	a, _ := twoAlone(t)
	r := a.decoded(t)
	for range maxArchived {
		r.archived = append(r.archived, r.current.clone(nil))
	}
	oldest := r.archived[maxArchived-1]
	oldest.receivers[0].keep(skippedKey{messageKeys{index: 1, cipher: [32]byte{1}}, true})
	skipped := oldest.receivers[0].skipped
	if oldest.root == [32]byte{} {
		t.Fatal("there is nothing to wipe")
	}
	r.promote(nil, r.current.clone(nil))
	if len(r.archived) != maxArchived {
		t.Errorf("%d states are kept", len(r.archived))
	}
	if oldest.root != [32]byte{} || oldest.sender != (senderChain{}) || skipped[0] != (skippedKey{}) {
		t.Error("the state that left the archive is still there")
	}
}

// A session that was advanced is another one: the keys that it had would open and seal once more.
func TestAdvancedStateIsWiped(t *testing.T) {
	a, b := twoAlone(t)
	passes(t, a, b)
	c := b.sealed(t, "on a new chain")
	in, err := Parse(c.Prekey, c.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	r := a.decoded(t)
	was, left := r.current, MessageBudget
	if _, err := r.Open(in, a.trusted, &left, System); err != nil || r.current == was {
		t.Fatalf("the session is not another one: %v", err)
	}
	if was.root != [32]byte{} || was.sender != (senderChain{}) || was.room[0].chain != (chainKey{}) {
		t.Error("the session as it was is still there")
	}
}

// A peer that leaves gaps must not make a chain keep more keys than the contract says, and those
// of the newest messages are of use the longest.
func TestSkippedKeysAreBounded(t *testing.T) {
	var c receiverChain
	const most = 2000
	for i := range uint32(most + 3) {
		c.keep(skippedKey{messageKeys: messageKeys{index: i}})
		if want := min(int(i)+1, most); len(c.skipped) != want {
			t.Fatalf("after %d skipped messages %d are kept", i+1, len(c.skipped))
		}
	}
	if c.skipped[0].index != 3 || c.skipped[most-1].index != most+2 {
		t.Errorf("kept are %d to %d", c.skipped[0].index, c.skipped[most-1].index)
	}
}

// What a record holds too much of is forgotten for good, the oldest of the longest archived first.
func TestTrimmedKeysAreWiped(t *testing.T) {
	const most = 8000
	r := &Record{current: new(state)}
	all := map[*state][]skippedKey{}
	for i := range 5 {
		s := r.current
		if i > 0 {
			s = new(state)
			r.archived = append(r.archived, s)
		}
		c := receiverChain{}
		for j := range uint32(maxSkipped) {
			c.keep(skippedKey{messageKeys{index: j, cipher: [32]byte{1}}, true})
		}
		s.receivers = []receiverChain{c}
		all[s] = c.skipped
	}
	r.archived[3].receivers[0].skipped = r.archived[3].receivers[0].skipped[:100]
	r.trim()
	kept := 0
	for _, s := range r.states() {
		kept += len(s.receivers[0].skipped)
	}
	if kept != most || len(r.archived[3].receivers[0].skipped) != 0 {
		t.Errorf("%d keys are kept, %d of the last state", kept, len(r.archived[3].receivers[0].skipped))
	}
	for i, k := range all[r.archived[3]][:100] {
		if k != (skippedKey{}) {
			t.Fatalf("key %d was dropped and is still there", i)
		}
	}
}

// A record that was released must hold no key: the pool hands it to the next call.
func TestAWipedRecordHoldsNoKey(t *testing.T) {
	a, _ := twoAlone(t)
	r := a.decoded(t)
	s := r.current
	s.receivers[0].keep(skippedKey{messageKeys{index: 5, cipher: [32]byte{1}}, true})
	skipped := s.receivers[0].skipped
	r.Wipe()
	if s.root != [32]byte{} || s.sender != (senderChain{}) || s.room[0].chain != (chainKey{}) || skipped[0] != (skippedKey{}) {
		t.Fatal("a wiped record still holds keys")
	}
}

// Two states of one handshake open a message twice, also where an older client kept no base key.
func TestTwinsOfARecordBecomeOne(t *testing.T) {
	a, _ := twoAlone(t)
	r := a.decoded(t)
	for _, base := range [][32]byte{{}, r.current.baseKey} {
		twins := Record{current: r.current.clone(nil), archived: []*state{r.current.clone(nil)}}
		twins.current.baseKey, twins.archived[0].baseKey = base, base
		if twins.distinct(); len(twins.archived) != 0 {
			t.Fatal("two states of one handshake")
		}
	}
}
