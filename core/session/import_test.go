package session

import (
	"bytes"
	"libcallkey/core/kdf"
	"libcallkey/core/protobuf"
	"libcallkey/core/status"
	"math"
	"reflect"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// A record with more chains than are kept, as another client may write it, keeps the newest, each
// with its own skipped messages.
func TestNewestChainsAreKept(t *testing.T) {
	wrote := state{root: [32]byte{1}, localIdentity: [32]byte{2}, remoteIdentity: [32]byte{3}}
	wrote.sender = senderChain{private: [32]byte{4}, public: [32]byte{5}, chain: chainKey{key: [32]byte{6}}}
	for i := range byte(2*maxReceivers + 1) {
		c := receiverChain{ratchet: [32]byte{i + 1}, chain: chainKey{key: [32]byte{7}, index: 100}}
		for j := range uint32(i) {
			c.keep(skippedKey{messageKeys: messageKeys{cipher: [32]byte{i}, index: j}})
		}
		wrote.receivers = append(wrote.receivers, c)
	}
	encoded := (&Record{current: &wrote}).encode(nil, whole)
	var read Record
	if err := read.decode(encoded, noon); err != nil {
		t.Fatal(err)
	}
	want := wrote.receivers[maxReceivers+1:]
	if got := read.current.receivers; !reflect.DeepEqual(got, want) {
		t.Fatalf("%d chains are kept, not the newest %d", len(got), len(want))
	}
}

// Newer clients keep the seed of a skipped message's keys instead of the keys, and so do our rows.
func TestSeedsOfSkippedMessages(t *testing.T) {
	a, b := twoAlone(t)
	passes(t, a, b)
	passes(t, b, a) // on a new chain
	before := a.decoded(t)
	skipped := b.sealed(t, "skipped")
	passes(t, b, a)
	r := a.decoded(t)
	last := &r.current.receivers[len(r.current.receivers)-1]
	chain := before.current.receivers[before.current.receiver(&last.ratchet)].chain
	want := last.skipped[0]
	var seed [32]byte
	kdf.HMAC(&seed, chain.key[:], messageSeed)
	if want.seeded || want.keys() != chain.take() {
		t.Fatal("the record does not have the skipped message's keys")
	}
	for _, number := range []protowire.Number{messageKeysSeed, messageKeysSeedToo} {
		var seeded protobuf.Encoder
		seeded.Number(messageKeysIndex, uint64(want.index))
		seeded.Bytes(number, seed[:])
		got, err := decodedKeys(seeded.B)
		if err != nil || got.keys() != want.keys() {
			t.Fatalf("keys from a seed in field %d: %v", number, err)
		}
		last.skipped[0] = got
	}
	for _, n := range []int{0, 31, 33} {
		var bad protobuf.Encoder
		bad.Bytes(messageKeysSeed, make([]byte, n))
		if _, err := decodedKeys(bad.B); status.Of(err) != status.Malformed {
			t.Errorf("seed of %d bytes: %v", n, err)
		}
	}
	whole := a.record
	if got := r.Encode(); !r.Seeds() || !bytes.Equal(got, whole) {
		t.Error("a client that knows no seeds would read another record")
	}
	kept := r.encode(nil, seeds)
	if !bytes.Contains(kept, seed[:]) || bytes.Contains(kept, want.mac[:]) {
		t.Error("the row has the keys")
	}
	for _, record := range [][]byte{whole, kept} {
		a.record = record
		if again := a.decoded(t); again.Seeds() != bytes.Equal(record, kept) {
			t.Error("the record says the wrong thing about itself")
		}
		if text, err := a.open(skipped); err != nil || text != "skipped" {
			t.Errorf("the skipped message opens to %q: %v", text, err)
		}
		if _, err := a.open(skipped); status.Of(err) != status.Duplicate {
			t.Errorf("the skipped message opens again: %v", err)
		}
	}
}

// If this failed, a skipped message would never open, because another one's seed is kept for it.
func TestAJumpKeepsTheSeedOfEachMessage(t *testing.T) {
	for _, had := range []int{0, 3, maxSkipped - 1, maxSkipped} {
		for _, steps := range []uint32{0, 1, 7, maxJump} {
			a, _ := twoAlone(t)
			s := a.decoded(t).current
			c := &s.receivers[0]
			for i := range had {
				c.keep(skippedKey{messageKeys: messageKeys{index: uint32(i)}})
			}
			c.chain.index = 5000
			want := append([]skippedKey(nil), c.skipped...)
			chain := c.chain
			for range steps {
				want = append(want, skippedKey{messageKeys: chain.take()})
			}
			want = want[max(0, len(want)-maxSkipped):]
			sender := state{localIdentity: s.remoteIdentity, remoteIdentity: s.localIdentity}
			sender.sender.public = c.ratchet
			keys := chain.take()
			wire, _ := buildMessage(nil, &sender, &keys, []byte("far"))
			in, err := Parse(false, wire)
			if err != nil {
				t.Fatal(err)
			}
			left := MessageBudget
			next, plaintext, err := s.open(&in.message, &left, System, nil)
			if err != nil || string(plaintext) != "far" || left != MessageBudget-Budget(steps) {
				t.Fatalf("%d steps beside %d keys: %q, %v", steps, had, plaintext, err)
			}
			got := next.receivers[0]
			if got.chain != chain || len(got.skipped) != len(want) {
				t.Fatalf("%d steps beside %d keys: the chain is at %d with %d", steps, had, got.chain.index, len(got.skipped))
			}
			for i := range want {
				if got.skipped[i].index != want[i].index || got.skipped[i].keys() != want[i].keys() {
					t.Fatalf("%d steps beside %d keys: key %d is another", steps, had, i)
				}
			}
		}
	}
}

// If this failed, an entry would be read otherwise than its protobuf says: as the key of another message.
func TestSeedsAreReadAsTheGeneralWayReadsThem(t *testing.T) {
	general := func(body []byte) (k skippedKey, err error) {
		var e protobuf.Encoder
		e.Bytes(chainMessageKeys, body)
		err = protobuf.Fields(e.B, func(f protobuf.Field) error { return k.decode(f) })
		return k, err
	}
	seed := [32]byte{1, 2, 31: 3}
	short := 0
	for _, index := range []uint32{0, 1, 127, 128, 1<<14 - 1, 1 << 14, 1<<21 - 1, 1 << 21, 1<<28 - 1, 1 << 28, math.MaxUint32} {
		k := seedOf(&seed, index)
		var e protobuf.Encoder
		k.encodeSeed(&e)
		body := e.B[2:]
		if got, err := general(body); err != nil || got != k || int(e.B[1]) != len(body) {
			t.Fatalf("index %d is written as %x: %v", index, e.B, err)
		}
		var fast skippedKey
		if !fast.decodeSeed(body) || fast != k {
			t.Fatalf("index %d is not read", index)
		}
		for at := range body {
			for bit := range 8 {
				changed := bytes.Clone(body)
				changed[at] ^= 1 << bit
				for _, b := range [][]byte{changed, changed[:at], append(changed[:at:at], body...), append(bytes.Clone(changed), body[at:]...)} {
					want, err := general(b)
					var got skippedKey
					if got.decodeSeed(b) {
						if short++; err != nil || got != want {
							t.Fatalf("%x is read as another key: %v", b, err)
						}
					} else if got != (skippedKey{}) {
						t.Fatalf("%x is refused and left something", b)
					}
				}
			}
		}
	}
	if short < 1000 {
		t.Errorf("only %d changed entries are read in the short way", short)
	}
}
