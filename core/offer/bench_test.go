package offer_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"

	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/store"
)

// kinds of store that a benchmark runs over.
var kinds = []struct {
	name string
	file bool
}{{"memory", false}, {"SQLite", true}}

var fanOuts = []int{1, 10, 100}

// acknowledge answers on behalf of peer, so that s's session with jid seals msg.
func acknowledge(tb testing.TB, s, peer *store.Store, jid string) {
	tb.Helper()
	key := newKey(tb)
	ciphertext, enc, err := offer.SealEnc(s, jid, key[:], -1)
	if err != nil {
		tb.Fatal(err)
	}
	var opened [callkey.Bytes]byte
	if err := offer.OpenEnc(peer, &opened, callerJID, enc, 2, ciphertext); err != nil {
		tb.Fatal(err)
	}
	if ciphertext, enc, err = offer.SealEnc(peer, callerJID, key[:], -1); err != nil {
		tb.Fatal(err)
	}
	if err := offer.OpenEnc(s, &opened, jid, enc, 2, ciphertext); err != nil {
		tb.Fatal(err)
	}
}

func perDevice(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/device")
}

func BenchmarkSealReused(b *testing.B) {
	for _, kind := range kinds {
		for _, n := range fanOuts {
			b.Run(fmt.Sprintf("%s/%d", kind.name, n), func(b *testing.B) {
				caller := openStore(b, kind.file)
				jids := make([]string, n)
				for i := range jids {
					peer := openStore(b, false)
					jids[i] = fmt.Sprintf(calleeJID, i)
					begin(b, caller, peer, jids[i])
					acknowledge(b, caller, peer, jids[i])
				}
				key := newKey(b)
				for b.Loop() {
					sealed, err := offer.Seal(caller, key[:], jids, &callOptions, -1)
					if err != nil {
						b.Fatal(err)
					}
					sealed.Release()
				}
				perDevice(b, n)
			})
		}
	}
}

func BenchmarkSealNew(b *testing.B) {
	for _, kind := range kinds {
		for _, n := range fanOuts {
			b.Run(fmt.Sprintf("%s/%d", kind.name, n), func(b *testing.B) {
				caller, callee := openStore(b, kind.file), openStore(b, false)
				bundles := make([]*session.Bundle, n)
				jids := make([]string, n)
				for i := range bundles {
					bundles[i] = bundleOf(b, callee)
					jids[i] = fmt.Sprintf(calleeJID, i)
				}
				key := newKey(b)
				for b.Loop() {
					sealed, err := offer.Begin(caller, key[:], jids, bundles, &callOptions, -1)
					if err != nil {
						b.Fatal(err)
					}
					sealed.Release()
					b.StopTimer()
					for i := range jids {
						if err := signal.Remove(caller, addressOf(b, jids[i])); err != nil {
							b.Fatal(err)
						}
					}
					b.StartTimer()
				}
				perDevice(b, n)
			})
		}
	}
}

// stanzaOf is an offer to n devices with sealed for the first of them. What the others
// get is as long, but made up: only parsing meets it.
func stanzaOf(tb testing.TB, n int, sealed stanza.Enc) []byte {
	tb.Helper()
	encs := []stanza.Enc{sealed}
	for i := 1; i < n; i++ {
		encs = append(encs, stanza.Enc{JID: fmt.Sprintf(calleeJID, i), Type: sealed.Type, Ciphertext: sealed.Ciphertext})
	}
	wire, err := stanza.BuildOffer(encs, &callOptions)
	if err != nil {
		tb.Fatal(err)
	}
	return wire
}

// openAll measures offer.Open on stanzas for callee. refill makes the next ones while the
// clock is stopped.
func openAll(b *testing.B, callee *store.Store, own string, refill func() [][]byte) {
	b.Helper()
	var wires [][]byte
	for b.Loop() {
		if len(wires) == 0 {
			b.StopTimer()
			wires = refill()
			b.StartTimer()
		}
		var opened [callkey.Bytes]byte
		if _, err := offer.Open(callee, &opened, wires[0], []string{own}, ""); err != nil {
			b.Fatal(err)
		}
		wires = wires[1:]
	}
}

// One device opens an offer that n devices were sent.
func BenchmarkOpenReused(b *testing.B) {
	const ahead = 256
	for _, kind := range kinds {
		for _, n := range fanOuts {
			b.Run(fmt.Sprintf("%s/%d", kind.name, n), func(b *testing.B) {
				caller, callee := openStore(b, false), openStore(b, kind.file)
				jid := fmt.Sprintf(calleeJID, 0)
				begin(b, caller, callee, jid)
				acknowledge(b, caller, callee, jid)
				key := newKey(b)
				openAll(b, callee, jid, func() (wires [][]byte) {
					for range ahead {
						ciphertext, enc, err := offer.SealEnc(caller, jid, key[:], -1)
						if err != nil || enc != stanza.EncMsg {
							b.Fatal(err, enc)
						}
						wires = append(wires, stanzaOf(b, n, stanza.Enc{JID: jid, Type: enc, Ciphertext: ciphertext}))
					}
					return wires
				})
			})
		}
	}
}

// The first message of a caller that the device has never heard of: X3DH, and a one-time
// prekey used up.
func BenchmarkOpenNew(b *testing.B) {
	const ahead = 16
	for _, kind := range kinds {
		b.Run(kind.name, func(b *testing.B) {
			callee := openStore(b, kind.file)
			jid := fmt.Sprintf(calleeJID, 0)
			key := newKey(b)
			callers := 0
			openAll(b, callee, jid, func() (wires [][]byte) {
				for range ahead {
					callers++
					caller, err := signal.OpenStore("", nil, store.Options{Memory: true})
					if err != nil {
						b.Fatal(err)
					}
					begin(b, caller, callee, jid)
					options := callOptions
					options.CallCreator = fmt.Sprintf("%d:1@lid", 111111111000000+callers)
					sealed, err := offer.Seal(caller, key[:], []string{jid}, &options, -1)
					if err != nil || sealed.EncTypes[0] != stanza.EncPkmsg {
						b.Fatal(err, sealed.EncTypes)
					}
					wires = append(wires, sealed.Wire)
					caller.Close()
				}
				return wires
			})
		})
	}
}

// BenchmarkBeginAndSeal begins sessions with 100 new devices, from as many threads as there
// are processors, and seals for all of them.
func BenchmarkBeginAndSeal(b *testing.B) {
	const n = 100
	caller, callee := openStore(b, false), openStore(b, false)
	bundles := make([]session.Bundle, n)
	addresses := make([]signal.Address, n)
	jids := make([]string, n)
	for i := range bundles {
		var err error
		if bundles[i], err = signal.TakeBundle(callee); err != nil {
			b.Fatal(err)
		}
		jids[i] = fmt.Sprintf(calleeJID, i)
		addresses[i] = addressOf(b, jids[i])
	}
	key := newKey(b)
	for b.Loop() {
		var group sync.WaitGroup
		threads := runtime.GOMAXPROCS(0)
		for thread := range threads {
			group.Go(func() {
				for i := thread; i < n; i += threads {
					if err := signal.Begin(caller, addresses[i], &bundles[i]); err != nil {
						b.Error(err)
					}
				}
			})
		}
		group.Wait()
		if _, err := offer.Seal(caller, key[:], jids, &callOptions, -1); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		for _, a := range addresses {
			if err := signal.Remove(caller, a); err != nil {
				b.Fatal(err)
			}
		}
		b.StartTimer()
	}
	perDevice(b, n)
}
