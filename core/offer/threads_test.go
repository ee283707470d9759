package offer_test

import (
	"encoding/hex"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

var hammer = flag.Duration("hammer", 2*time.Second, "how long TestThreads hammers one store")

// spellings are the names of one device. The last is a phone number that is tied to it.
func spellings(device int) []string {
	if device == 0 {
		return []string{"222@lid", "222:0@lid", "222_1:0@lid", "15550@s.whatsapp.net"}
	}
	return []string{
		fmt.Sprintf("222:%d@lid", device), fmt.Sprintf("222.1:%d@lid", device),
		fmt.Sprintf("15550:%d@s.whatsapp.net", device),
	}
}

// hammered is a device that everyone seals for and that answers.
type hammered struct {
	mu    sync.Mutex // its own side: it opens in any order but one at a time
	store *store.Store
	names []string
}

// Sixteen threads over the same devices, under all their names, in fan-outs of opposite
// order and single calls, over two connections to one file as two processes have them:
// no counter twice, no lost session, no deadlock.
func TestThreads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	var connections []*store.Store
	for range 2 {
		s, err := signal.OpenStore(path, storageKey, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		connections = append(connections, s)
	}
	const n = 6
	var devices []*hammered
	for i := range n {
		d := &hammered{store: openStore(t, false), names: spellings(i)}
		devices = append(devices, d)
		begin(t, connections[0], d.store, d.names[0])
		alias := d.names[len(d.names)-1]
		if err := signal.Alias(connections[0], addressOf(t, alias), addressOf(t, d.names[0])); err != nil {
			t.Fatal(err)
		}
	}
	var used sync.Map
	var sealed, opened, answered atomic.Int64
	deadline := time.Now().Add(*hammer)
	var group sync.WaitGroup
	for thread := range 16 {
		group.Go(func() {
			random := rand.New(rand.NewPCG(uint64(thread), 7))
			for time.Now().Before(deadline) && !t.Failed() {
				s := connections[random.IntN(2)]
				switch random.IntN(3) {
				case 0:
					fanOutOver(t, s, devices, thread%2 == 0, random, &used, &sealed)
				case 1:
					sealFor(t, s, devices[random.IntN(n)], random, &used, &sealed, &opened)
				case 2:
					answer(t, s, devices[random.IntN(n)], random, &answered)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(*hammer + 60*time.Second):
		t.Fatal("deadlock")
	}
	t.Logf("%d sealed, %d of them opened, %d answers opened", sealed.Load(), opened.Load(), answered.Load())
	if sealed.Load() == 0 || opened.Load() == 0 || answered.Load() == 0 {
		t.Fatal("some of the work was never done")
	}
	for _, d := range devices {
		if err := signal.Check(connections[1], addressOf(t, d.names[0])); err != nil {
			t.Fatalf("the session with %s is lost: %v", d.names[0], err)
		}
	}
}

// unique notes a ciphertext's message key; a second use of it would give two messages the
// same key and IV.
func unique(t *testing.T, used *sync.Map, kind stanza.EncType, ciphertext []byte) {
	name := keyName(t, kind == stanza.EncPkmsg, ciphertext)
	if _, twice := used.LoadOrStore(name, true); twice {
		t.Errorf("one message key for two messages: %s", name)
	}
}

func fanOutOver(t *testing.T, s *store.Store, devices []*hammered, forward bool, random *rand.Rand, used *sync.Map, sealed *atomic.Int64) {
	var jids []string
	for i := range devices {
		d := devices[i]
		if !forward {
			d = devices[len(devices)-1-i]
		}
		jids = append(jids, d.names[random.IntN(len(d.names))])
	}
	key := newKey(t)
	result, err := offer.Seal(s, key[:], jids, &callOptions, -1)
	if err != nil {
		t.Errorf("fan-out: %v", err)
		return
	}
	for i, jid := range jids {
		if result.Statuses[i] != status.OK {
			t.Errorf("%s: %s", jid, result.Statuses[i].Name())
			continue
		}
		_, ciphertext, err := stanza.ParseOffer(result.Wire, []string{jid})
		if err != nil {
			t.Error(err)
			continue
		}
		unique(t, used, result.EncTypes[i], ciphertext)
		sealed.Add(1)
	}
}

func sealFor(t *testing.T, s *store.Store, d *hammered, random *rand.Rand, used *sync.Map, sealed, opened *atomic.Int64) {
	key := newKey(t)
	d.mu.Lock()
	defer d.mu.Unlock()
	ciphertext, kind, _, err := offer.SealEnc(s, d.names[random.IntN(len(d.names))], key[:], -1)
	if err != nil {
		t.Errorf("seal: %v", err)
		return
	}
	sealed.Add(1)
	unique(t, used, kind, ciphertext)
	var got [callkey.Bytes]byte
	// Thousands of fan-outs may lie between two messages that the device gets to see.
	switch err := offer.OpenEnc(d.store, &got, callerJID, kind, 2, ciphertext); {
	case status.Of(err) == status.TooFar:
	case err != nil || got != key:
		t.Errorf("the device can't open what was sealed for it: %v, key %s", err, hex.EncodeToString(got[:2]))
	default:
		opened.Add(1)
	}
}

func answer(t *testing.T, s *store.Store, d *hammered, random *rand.Rand, answered *atomic.Int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := newKey(t)
	ciphertext, kind, _, err := offer.SealEnc(d.store, callerJID, key[:], -1)
	if status.Of(err) == status.NoSession {
		return // nothing reached it yet
	}
	if err != nil {
		t.Errorf("answer: %v", err)
		return
	}
	var got [callkey.Bytes]byte
	if err := offer.OpenEnc(s, &got, d.names[random.IntN(len(d.names))], kind, 2, ciphertext); err != nil || got != key {
		t.Errorf("answer of %s: %v", d.names[0], err)
		return
	}
	answered.Add(1)
}
