package session

import (
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/protobuf"
)

// smallest is a record in the fewest bytes in which another client can write it: skipped messages
// have only their seed, and nothing is there that may be absent.
func smallest(r *Record) []byte {
	var e protobuf.Encoder
	for _, s := range r.states() {
		number := protowire.Number(recordPrevious)
		if s == r.current {
			number = recordCurrent
		}
		at := e.Begin(number)
		e.Number(sessionVersion, version3)
		e.PublicKey(sessionLocalIdentity, &s.localIdentity)
		e.PublicKey(sessionRemoteIdentity, &s.remoteIdentity)
		e.Bytes(sessionRoot, s.root[:])
		s.sender.encode(&e, seeds)
		for i := range s.receivers {
			c := &s.receivers[i]
			chain := e.Begin(sessionReceiver)
			e.PublicKey(chainRatchet, &c.ratchet)
			c.chain.encode(&e, false)
			for _, k := range c.skipped {
				keys := e.Begin(chainMessageKeys)
				e.Number(messageKeysIndex, uint64(k.index))
				e.Bytes(messageKeysSeed, make([]byte, 32))
				e.End(keys)
			}
			e.End(chain)
		}
		e.End(at)
	}
	return e.B
}

// A program makes room for CALLKEY_RECORD_SLACK_BYTES more than it has. If a call could need more,
// it would fail with BUFFER where the contract says that one call is enough.
func TestNoCallAddsMoreThanTheSlack(t *testing.T) {
	header, err := os.ReadFile("../../include/callkey.h")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`#define CALLKEY_RECORD_SLACK_BYTES (\d+)`).FindSubmatch(header)
	if found == nil {
		t.Fatal("the header has no CALLKEY_RECORD_SLACK_BYTES")
	}
	slack, _ := strconv.Atoi(string(found[1]))

	a, b := twoAlone(t)
	passes(t, a, b)
	var c Ciphertext
	for range maxJump + 1 {
		c = b.sealed(t, "")
	}
	most := 0
	for _, kept := range []int{maxKept - maxJump, maxKept} {
		r := a.decoded(t)
		for i := range maxArchived {
			old := r.current.clone(nil)
			old.baseKey = [32]byte{byte(i + 1)}
			old.receivers = nil
			for j := range maxReceivers {
				old.receivers = append(old.receivers, receiverChain{ratchet: [32]byte{9, byte(i + 1), byte(j)}, chain: chainKey{key: [32]byte{1}}})
			}
			r.archived = append(r.archived, old)
		}
		for i := range kept {
			chain := &r.archived[0].receivers[i/maxSkipped]
			chain.skipped = append(chain.skipped, seedOf(new([32]byte), math.MaxUint32-uint32(i)))
		}
		foreign := smallest(r)
		next, _, _, err := OpenRecord(foreign, &Keys{Identity: a.trusted}, c.Prekey, c.Bytes, noon, System)
		if err != nil {
			t.Fatal(err)
		}
		most = max(most, len(next)-len(foreign))
		begun, err := BeginRecord(foreign, &Keys{RegistrationID: math.MaxUint32, Private: &a.own.Private, Identity: a.trusted}, b.bundle(), noon, System)
		if err != nil {
			t.Fatal(err)
		}
		if added := len(begun) - len(foreign); added > slack {
			t.Errorf("a session that begins adds %d bytes", added)
		}
		// Its own records grow by what one message skips.
		again, _, _, err := OpenRecord(slices.Clone(a.record), &Keys{Identity: a.trusted}, c.Prekey, c.Bytes, noon, System)
		if err != nil || len(again)-len(a.record) > slack {
			t.Errorf("%d bytes become %d, %v", len(a.record), len(again), err)
		}
	}
	if most > slack || most < slack*8/10 {
		t.Errorf("a call adds up to %d bytes; the header says %d", most, slack)
	}
}
