package signal

import (
	"math"
	"strconv"
	"sync"
	"testing"
	"time"

	"libcallkey/core/session/sessiontest"
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
	r.Current.Sender.Chain.Index = math.MaxUint32 - 1
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
	r.Current.Pending = sessiontest.Pending{Unacknowledged: true, SignedPrekeyID: 1, Since: time.Now().Unix()}
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

// A store that keeps what it opened must not grow with what a peer sends: over 16 MiB besides the
// newest the oldest goes. The newest stays, however large it is: nobody could confirm it yet.
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
		"exactly 16 MiB":          {[]int{8 << 20, 8 << 20, 1}, 3},
		"one byte more":           {[]int{8<<20 + 1, 8 << 20, 1}, 2},
		"a large one, and others": {[]int{16 << 20, 1, 1, 1}, 3},
		"a large one at last":     {[]int{1, 1, 16 << 20}, 3},
		"two large ones":          {[]int{1, 16 << 20, 16 << 20}, 2},
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
