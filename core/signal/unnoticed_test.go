package signal

import (
	"math"
	"strconv"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Each test here fails on a change to the sources that no other test notices.

// twoDevices are one that began a session and one whose answer was opened.
func twoDevices(t testing.TB) (a, b *ours) {
	t.Helper()
	a, b = newOurs(t), newOurs(t)
	bundle := b.bundle(t)
	if err := Begin(a.store, a.peer, &bundle); err != nil {
		t.Fatal(err)
	}
	passes(t, a, b)
	passes(t, b, a)
	return a, b
}

// passes seals a message and opens it.
func passes(t testing.TB, from, to *ours) {
	t.Helper()
	c, err := from.seal("message")
	if err == nil {
		_, err = to.open(c)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A first message that two threads open under two names of its sender must use its one-time
// prekey once: otherwise one key arrives twice, and two sessions have the same keys.
func TestTwoNamesOfOneFirstMessage(t *testing.T) {
	d := newOurs(t)
	var trouble sync.Map
	for round := range 150 {
		if _, err := AddPrekeys(d.store, 1); err != nil {
			t.Fatal(err)
		}
		bundle := d.bundle(t)
		if bundle.PrekeyID == 0 {
			t.Fatal("the bundle has no one-time prekey")
		}
		peer := newOurs(t)
		if err := Begin(peer.store, peer.peer, &bundle); err != nil {
			t.Fatal(err)
		}
		c, err := peer.seal("first")
		if err != nil {
			t.Fatal(err)
		}
		var ready, group sync.WaitGroup
		opened := make([]error, 2)
		ready.Add(len(opened))
		for i := range opened {
			name := ours{d.store, Address{Name: strconv.Itoa(round) + "." + strconv.Itoa(i), Device: 1}}
			group.Go(func() {
				ready.Done()
				ready.Wait()
				_, opened[i] = name.open(c)
			})
		}
		group.Wait()
		if (opened[0] == nil) == (opened[1] == nil) {
			t.Fatalf("round %d: under two names it is %v and %v", round, opened[0], opened[1])
		}
		for _, err := range opened {
			trouble.Store(status.Of(err).Name(), true)
		}
	}
	trouble.Range(func(name, _ any) bool {
		if name != status.OK.Name() && name != status.NoPrekey.Name() && name != status.Duplicate.Name() {
			t.Errorf("it was refused with %s", name)
		}
		return true
	})
}

// Past the last counter the next message would have the first one's number.
func TestEndOfTheSendingChain(t *testing.T) {
	a, _ := twoDevices(t)
	r := a.record(t)
	r.current.sender.chain.index = math.MaxUint32 - 1
	a.setRecord(t, r)
	if _, err := a.seal("the last"); err != nil {
		t.Fatalf("the last message: %v", err)
	}
	before := a.dump(t)
	if c, err := a.seal("one more"); status.Of(err) != status.NoSession || c.Bytes != nil {
		t.Errorf("one more: %v", err)
	}
	if err := Check(a.store, a.peer); status.Of(err) != status.NoSession {
		t.Errorf("Check says %v", err)
	}
	if string(before) != string(a.dump(t)) {
		t.Error("the refused one changed the session")
	}
}

// Keys of an imported record that are too short would be filled up with zeros.
func TestLengthsOfImportedMessageKeys(t *testing.T) {
	right := map[protowire.Number]int{messageKeysCipher: 32, messageKeysMAC: 32, messageKeysIV: 16}
	decode := func(wrong protowire.Number, by int) error {
		var e encoder
		e.number(messageKeysIndex, 7)
		for n, size := range right {
			if n == wrong {
				size += by
			}
			e.bytes(n, make([]byte, size))
		}
		_, err := decodeMessageKeys(field{number: chainMessageKeys, kind: protowire.BytesType, body: e.b})
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

// A late message shows that the peer has the session as well as any other: without the prekeys
// the messages after it are shorter, and open when those are gone.
func TestLateMessageEndsThePendingPrekey(t *testing.T) {
	a, b := twoDevices(t)
	late, err := b.seal("late")
	if err != nil {
		t.Fatal(err)
	}
	passes(t, b, a)
	r := a.record(t)
	r.current.pending = pendingPrekey{unacknowledged: true, signedPrekeyID: 1, since: time.Now().Unix()}
	a.setRecord(t, r)
	if c, err := a.seal("before"); err != nil || !c.Prekey {
		t.Fatalf("before it the next is a pkmsg: %v, %v", c.Prekey, err)
	}
	if _, err := a.open(late); err != nil {
		t.Fatal(err)
	}
	if c, err := a.seal("after"); err != nil || c.Prekey {
		t.Errorf("after it the next is a pkmsg: %v, %v", c.Prekey, err)
	}
}

// A thief of a device's keys must not be able to open years of first messages.
func TestOldSignedPrekeysGo(t *testing.T) {
	d := newOurs(t)
	var ids []uint32
	for range 3 {
		made, err := RotateSignedPrekey(d.store)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, made.ID)
	}
	err := changeAccount(d.store, func(_ *store.Tx, a *account) error {
		last := a.signed[len(a.signed)-3:]
		last[1].since = time.Now().Add(-keepSigned - time.Hour).Unix() // the one before was replaced then
		last[2].since = time.Now().Add(-keepSigned + time.Hour).Unix()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	there := func() (there []bool) {
		err := d.store.Update(func(tx *store.Tx) error {
			there = nil
			for _, id := range ids {
				row, err := tx.Get(store.SignedPrekeys, prekeyName(id))
				if err != nil {
					return err
				}
				there = append(there, row != nil)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return there
	}
	if got := there(); !got[0] || !got[1] || !got[2] {
		t.Fatalf("before: %v", got)
	}
	if _, err := RotateSignedPrekey(d.store); err != nil {
		t.Fatal(err)
	}
	if got := there(); got[0] || !got[1] || !got[2] {
		t.Errorf("there are %v: the first was replaced over 30 days ago, the second less", got)
	}
}

// The session of an archive that is full, and the chains of a state, hold keys of messages
// that are still under way: nobody wipes them but who drops them.
func TestEvictedStateIsWiped(t *testing.T) {
	a, _ := twoDevices(t)
	r := a.record(t)
	for range maxArchived {
		r.archived = append(r.archived, r.current.clone())
	}
	oldest := r.archived[maxArchived-1]
	oldest.receivers[0].keep(messageKeys{index: 1, cipher: [32]byte{1}})
	skipped := oldest.receivers[0].skipped
	if oldest.root == [32]byte{} {
		t.Fatal("there is nothing to wipe")
	}
	r.promote(nil, r.current.clone())
	if len(r.archived) != maxArchived {
		t.Errorf("%d states are kept", len(r.archived))
	}
	if oldest.root != [32]byte{} || oldest.sender != (senderChain{}) || skipped[0] != (messageKeys{}) {
		t.Error("the state that left the archive is still there")
	}
}

// A peer that leaves gaps must not make a chain keep more keys than the contract says, and those
// of the newest messages are of use the longest.
func TestSkippedKeysAreBounded(t *testing.T) {
	var c receiverChain
	const most = 2000
	for i := range uint32(most + 3) {
		c.keep(messageKeys{index: i})
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
	r := &record{current: new(state)}
	all := map[*state][]messageKeys{}
	for i := range 5 {
		s := r.current
		if i > 0 {
			s = new(state)
			r.archived = append(r.archived, s)
		}
		c := receiverChain{}
		for j := range uint32(maxSkipped) {
			c.keep(messageKeys{index: j, cipher: [32]byte{1}})
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
		if k != (messageKeys{}) {
			t.Fatalf("key %d was dropped and is still there", i)
		}
	}
}

// A store that keeps what it opened must not grow with what a peer sends: over a mebibyte the
// oldest goes.
func TestKeptBytesAreBounded(t *testing.T) {
	s, err := OpenStore("", nil, store.Options{Memory: true, KeepOpened: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for name, c := range map[string]struct {
		sizes []int
		kept  int
	}{
		"exactly a mebibyte":      {[]int{512 << 10, 256 << 10, 256 << 10}, 3},
		"one byte more":           {[]int{512<<10 + 1, 256 << 10, 256 << 10}, 2},
		"a large one, and others": {[]int{1 << 20, 1, 1, 1}, 3},
		"a large one at last":     {[]int{1, 1, 1 << 20}, 1},
		"one that is too large":   {[]int{1, 1<<20 + 1}, 0},
		"as many as there may be": {make([]int, 256), 256},
		"one too many":            {make([]int, 257), 256},
	} {
		err := s.Update(func(tx *store.Tx) error {
			var k keptMessages
			for i, size := range c.sizes {
				k.list = append(k.list, keptMessage{sum: [32]byte{byte(i), byte(i >> 8)}, device: "d:1", plaintext: make([]byte, size)})
			}
			k.stage(tx)
			again, err := loadKept(tx)
			if err != nil {
				return err
			}
			if len(again.list) != c.kept {
				t.Errorf("%s: %d are kept, want %d", name, len(again.list), c.kept)
			}
			for i, m := range again.list {
				at := len(c.sizes) - len(again.list) + i
				if m.sum != [32]byte{byte(at), byte(at >> 8)} || len(m.plaintext) != c.sizes[at] || m.device != "d:1" {
					t.Errorf("%s: message %d is another", name, i)
				}
			}
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
