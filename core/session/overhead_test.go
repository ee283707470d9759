package session

import (
	"math"
	"slices"
	"testing"
)

// A program that allocates OverheadMaxBytes more than its plaintext would be refused with BUFFER if a
// message could have more, and would waste memory if none could have as much.
func TestOverheadIsTheMost(t *testing.T) {
	most := state{baseKey: [32]byte{1}, localRegistration: math.MaxUint32, previousCounter: math.MaxUint32}
	most.sender.chain.index = math.MaxUint32 - 1
	most.pending = pendingPrekey{unacknowledged: true, prekeyID: math.MaxUint32, signedPrekeyID: math.MaxUint32}
	r := Record{current: &most}
	c, err := r.seal(nil, make([]byte, MaxPlaintextBytes), most.remoteIdentity[:], 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(c.Bytes) - MaxPlaintextBytes; !c.Prekey || got != OverheadMaxBytes {
		t.Errorf("the longest message has %d bytes besides its plaintext, not %d", got, OverheadMaxBytes)
	}
	if _, err := Parse(true, c.Bytes); err != nil {
		t.Errorf("the longest message: %v", err)
	}
	if _, err := Parse(true, append(c.Bytes, 0)); err == nil {
		t.Error("a longer message parses")
	}
}

// If the largest record needed more memory than is made for it, its secrets would stay behind in the
// outgrown buffer.
func TestNoRecordOutgrowsItsMemory(t *testing.T) {
	chain := chainKey{index: math.MaxUint32}
	s := state{
		localRegistration: math.MaxUint32, remoteRegistration: math.MaxUint32, previousCounter: math.MaxUint32, stale: true,
		sender:  senderChain{chain: chain},
		pending: pendingPrekey{unacknowledged: true, prekeyID: math.MaxUint32, signedPrekeyID: math.MaxUint32, since: -1},
	}
	skipped := skippedKey{messageKeys: messageKeys{index: math.MaxUint32}}
	seeded := seedOf(new([32]byte), math.MaxUint32)
	for _, c := range []struct{ receivers, whole, seeds int }{
		{}, {receivers: 1}, {receivers: 5}, {1, 1, 0}, {1, 0, 1}, {5, 1000, 1000}, {5, 2000, 0}, {5, 0, 2000},
	} {
		s.receivers = nil
		for range c.receivers {
			s.receivers = append(s.receivers, receiverChain{chain: chain, skipped: append(slices.Repeat([]skippedKey{skipped}, c.whole), slices.Repeat([]skippedKey{seeded}, c.seeds)...)})
		}
		r := Record{current: &s, archived: []*state{&s, &s}}
		for _, f := range []form{whole, seeds} {
			room := make([]byte, 0, r.size(f))
			encoded := r.encode(room, f)
			if &encoded[0] != &room[:1][0] {
				t.Errorf("%+v: %d bytes are made for a record that needs more", c, cap(room))
			}
			if r.size(f) != len(encoded) {
				t.Errorf("%+v: %d bytes are made for a record of %d", c, r.size(f), len(encoded))
			}
		}
		r.mark, r.kin = mark{1}, true
		for name, part := range map[string]struct {
			hint   int
			encode func([]byte) []byte
		}{"session": {r.sessionHint(), r.encodeSession}, "archive": {r.archiveHint(), r.encodeArchive}} {
			room := make([]byte, 0, part.hint)
			encoded := part.encode(room)
			if &encoded[0] != &room[:1][0] {
				t.Errorf("%+v: %d bytes are made for a row of its %s that needs more", c, cap(room), name)
			}
			if part.hint != len(encoded) {
				t.Errorf("%+v: %d bytes are made for a row of its %s of %d", c, cap(room), name, len(encoded))
			}
		}
		if n := r.sessionHint(); n > sessionMax || c.whole+c.seeds > 0 && c.receivers == maxReceivers && n < sessionMax {
			t.Errorf("%+v: its session row has up to %d bytes, and the most is %d", c, n, sessionMax)
		}
	}
}

// If this failed, an ordinary message would make its row inside secret.Do.
func TestAnOrdinaryMessageFitsItsRoom(t *testing.T) {
	a, b := twoAlone(t)
	for range 12 { // turns
		for range 7 {
			before := [][]byte{a.record, b.record}
			passes(t, a, b)
			for i, d := range []*alone{a, b} {
				r := d.decoded(t)
				if n, room := r.size(whole), roomFor(before[i]); n > room {
					t.Errorf("a record of %d bytes could need %d, and %d are made", len(before[i]), n, room)
				}
				was := alone{record: before[i]}
				rows := was.decoded(t).Rows(System)
				if n, room := r.sessionHint(), min(roomFor(rows.Session), sessionMax); n > room {
					t.Errorf("a session row of %d bytes could need %d, and %d are made", len(rows.Session), n, room)
				}
			}
		}
		a, b = b, a
	}
}
