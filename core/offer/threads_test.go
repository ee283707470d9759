package offer_test

import (
	"encoding/hex"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/session"
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

// hammered is a device that everyone seals for and that answers. At first it is known by its
// phone number; its session moves to its LID while everyone goes on.
type hammered struct {
	mu    sync.Mutex // its own side: it opens in any order but one at a time
	store *store.Store
	names []string
	ties  time.Time   // when its names become one device
	tied  atomic.Bool // they are

	unopened atomic.Int64 // messages of fan-outs since it last opened one
}

func (d *hammered) phone() string { return d.names[len(d.names)-1] }

// name is one of its names, and whether there may be no session under it yet.
func (d *hammered) name(random *rand.Rand) (name string, unknown bool) {
	unknown = !d.tied.Load()
	name = d.names[random.IntN(len(d.names))]
	return name, unknown && name != d.phone()
}

// Sixteen threads over the same devices, under all their names, in single calls and in
// fan-outs over overlapping sets in opposite order, over two connections to one file as two
// processes have them, while each device's session moves from its phone number to its LID:
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
	hammer := *hammer
	if testing.Short() {
		hammer = min(hammer, time.Second/2)
	}
	start := time.Now()
	var devices []*hammered
	for i := range n {
		d := &hammered{store: openStore(t, false), names: spellings(i), ties: start.Add(hammer * time.Duration(i+1) / (n + 2))}
		devices = append(devices, d)
		begin(t, connections[0], d.store, d.phone())
	}
	var used sync.Map
	var sealed, opened, answered atomic.Int64
	deadline := start.Add(hammer)
	var group sync.WaitGroup
	for thread := range 16 {
		group.Go(func() {
			random := rand.New(rand.NewPCG(uint64(thread), 7))
			for time.Now().Before(deadline) && !t.Failed() {
				s := connections[random.IntN(2)]
				d := devices[random.IntN(n)]
				if !d.tied.Load() && time.Now().After(d.ties) {
					tie(t, s, d) // several threads at once, over both connections
				}
				switch random.IntN(3) {
				case 0:
					fanOutOver(t, s, overlapping(devices, random), random, &used, &sealed)
				case 1:
					sealFor(t, s, d, random, &used, &sealed, &opened)
				case 2:
					answer(t, s, d, random, &answered)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(hammer + 60*time.Second):
		t.Fatal("deadlock")
	}
	t.Logf("%d sealed, %d of them opened, %d answers opened", sealed.Load(), opened.Load(), answered.Load())
	if sealed.Load() == 0 || opened.Load() == 0 || answered.Load() == 0 {
		t.Fatal("some of the work was never done")
	}
	random := rand.New(rand.NewPCG(1, 7))
	for _, d := range devices {
		if !d.tied.Load() {
			tie(t, connections[0], d) // nobody came by in time
		}
		for _, s := range connections {
			sealFor(t, s, d, random, &used, &sealed, &opened)
			answer(t, s, d, random, &answered)
		}
	}
}

func tie(t *testing.T, s *store.Store, d *hammered) {
	if err := signal.Alias(s, addressOf(t, d.phone()), addressOf(t, d.names[0])); err != nil {
		t.Errorf("alias: %v", err)
	}
	d.tied.Store(true)
}

// overlapping is three or more of the devices, in one order or the other.
func overlapping(devices []*hammered, random *rand.Rand) (some []*hammered) {
	from, n := random.IntN(len(devices)), 3+random.IntN(len(devices)-2)
	for i := range n {
		some = append(some, devices[(from+i)%len(devices)])
	}
	if random.IntN(2) == 0 {
		slices.Reverse(some)
	}
	return some
}

// unique notes a ciphertext's message key; a second use of it would give two messages the
// same key and IV.
func unique(t *testing.T, used *sync.Map, kind stanza.EncType, ciphertext []byte) {
	name := keyName(t, kind == stanza.EncPkmsg, ciphertext)
	if _, twice := used.LoadOrStore(name, true); twice {
		t.Errorf("one message key for two messages: %s", name)
	}
}

func fanOutOver(t *testing.T, s *store.Store, devices []*hammered, random *rand.Rand, used *sync.Map, sealed *atomic.Int64) {
	var jids []string
	var bundles []*session.Bundle // of a device that begins anew
	unknown := map[string]bool{}
	for _, d := range devices {
		if d.unopened.Load() > 1000 {
			continue // or it would be too far ahead when the device opens one again
		}
		name, may := d.name(random)
		jids, unknown[name] = append(jids, name), may
		bundles = append(bundles, nil)
		if waiting := d.unopened.Add(1); !may && waiting < 8 && random.IntN(16) == 0 {
			bundle, err := signal.TakeBundle(d.store)
			if err != nil {
				t.Error(err)
				return
			}
			bundles[len(bundles)-1] = &bundle
		}
	}
	// An offer, or a message for each.
	var result offer.Batch
	var err error
	ciphertext := func(i int) ([]byte, error) { return part(result, i), nil }
	if random.IntN(2) == 0 {
		result, err = offer.SealMessages(s, jids, make([][]byte, len(jids)), -1)
	} else {
		key := newKey(t)
		var sealed offer.Sealed
		if slices.ContainsFunc(bundles, func(b *session.Bundle) bool { return b != nil }) {
			sealed, err = offer.Begin(s, key[:], jids, bundles, &callOptions, -1)
		} else {
			sealed, err = offer.Seal(s, key[:], jids, &callOptions, -1)
		}
		result.Statuses, result.EncTypes = sealed.Statuses, sealed.EncTypes
		ciphertext = func(i int) ([]byte, error) {
			_, ciphertext, err := stanza.ParseOffer(sealed.Wire, jids[i:i+1])
			return ciphertext, err
		}
	}
	if err != nil && status.Of(err) != status.NoDevices {
		t.Errorf("fan-out: %v", err)
		return
	}
	for i, jid := range jids {
		switch code := result.Statuses[i]; {
		case code == status.NoSession && unknown[jid]:
			continue
		case code != status.OK:
			t.Errorf("%s: %s", jid, code.Name())
			continue
		}
		bytes, err := ciphertext(i)
		if err != nil {
			t.Error(err)
			continue
		}
		unique(t, used, result.EncTypes[i], bytes)
		sealed.Add(1)
	}
}

func sealFor(t *testing.T, s *store.Store, d *hammered, random *rand.Rand, used *sync.Map, sealed, opened *atomic.Int64) {
	key := newKey(t)
	d.mu.Lock()
	defer d.mu.Unlock()
	name, unknown := d.name(random)
	ciphertext, kind, err := offer.SealEnc(s, name, key[:], -1)
	if status.Of(err) == status.NoSession && unknown {
		return
	}
	if err != nil {
		t.Errorf("seal for %s: %v", name, err)
		return
	}
	sealed.Add(1)
	unique(t, used, kind, ciphertext)
	var got [callkey.Bytes]byte
	if err := offer.OpenEnc(d.store, &got, callerJID, kind, 2, ciphertext); err != nil || got != key {
		t.Errorf("the device can't open what was sealed for it: %v, key %s", err, hex.EncodeToString(got[:2]))
		return
	}
	d.unopened.Store(0)
	opened.Add(1)
}

func answer(t *testing.T, s *store.Store, d *hammered, random *rand.Rand, answered *atomic.Int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	// Some are overtaken, and of these some never arrive: the record gets an archive, and loses it.
	var all []reply
	for range 1 + random.IntN(3) {
		a := reply{key: newKey(t)}
		var err error
		a.ciphertext, a.kind, err = offer.SealEnc(d.store, callerJID, a.key[:], -1)
		if status.Of(err) == status.NoSession {
			return // nothing reached it yet
		}
		if err != nil {
			t.Errorf("answer: %v", err)
			return
		}
		all = append(all, a)
	}
	for i, a := range slices.Backward(all) {
		if i < len(all)-1 && random.IntN(4) == 0 {
			continue
		}
		name, unknown := d.name(random)
		for n, want := range []status.Code{status.OK, status.Duplicate} {
			var got [callkey.Bytes]byte
			err := offer.OpenEnc(s, &got, name, a.kind, 2, a.ciphertext)
			if status.Of(err) == status.NoSession && unknown {
				err = offer.OpenEnc(s, &got, d.phone(), a.kind, 2, a.ciphertext)
			}
			if status.Of(err) != want || (got == a.key) != (err == nil) {
				t.Errorf("answer %d of %d of %s, the %d. time: %v", i+1, len(all), d.names[0], n+1, err)
				return
			}
		}
	}
	answered.Add(1)
}

// reply is one sealed answer.
type reply struct {
	key        [callkey.Bytes]byte
	ciphertext []byte
	kind       stanza.EncType
}
