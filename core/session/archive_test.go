package session

import (
	"bytes"
	"fmt"
	mathrand "math/rand/v2"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/protobuf"
	"libcallkey/core/status"
)

// If this failed, a record would do something else because it is in rows: open a message twice,
// lose one, or seal with a used key. Two devices, one with its record in one piece and one in
// rows, are given the same of everything that can happen.
func TestRowsAreOneRecord(t *testing.T) {
	rounds := 60
	if testing.Short() {
		rounds = 12
	}
	met := map[string]int{}
	for round := range rounds {
		random := mathrand.New(mathrand.NewPCG(uint64(round), 3))
		one := newAlone(t)
		two := &split{alone: &alone{own: one.own, signed: one.signed}}

		peer := newAlone(t)
		one.trusted, two.trusted = peer.own.Public[:], peer.own.Public[:]
		var under, gone []Ciphertext // on the way to the device; and opened
		for step := range 120 {
			what := ""
			var a, b string
			var errA, errB error
			two.random = keysOf(step)
			switch n := random.IntN(20); {
			case n == 0 || step == 0:
				what = "begin"
				bundle := peer.bundle()
				errA = one.change(func(r *Record) error { return r.Begin(&one.own, bundle, noon, keysOf(step)) })
				errB = two.begin(bundle)
			case n == 1:
				what = "peer begins"
				if err := peer.begin(one.bundle()); err != nil {
					t.Fatal(err)
				}
			case n < 7:
				what = "seal"
				var ca, cb Ciphertext
				ca, errA = one.seal("to the peer")
				cb, errB = two.seal("to the peer")
				if !bytes.Equal(ca.Bytes, cb.Bytes) {
					t.Fatalf("round %d, step %d: other ciphertexts", round, step)
				}
				if errA == nil && random.IntN(3) > 0 {
					peer.open(ca)
				}
			case n < 13:
				what = "peer seals"
				if c, err := peer.seal(fmt.Sprint("message ", step)); err == nil {
					under = append(under, c)
				}
			case n < 19 && len(under) > 0:
				i := len(under) - 1
				if random.IntN(2) == 0 {
					i = random.IntN(len(under))
				}
				c := under[i]
				what = "open"
				if random.IntN(8) == 0 {
					what = "open a forgery"
					c.Bytes = slices.Clone(c.Bytes)
					c.Bytes[len(c.Bytes)-1] ^= 1
				} else {
					under = slices.Delete(under, i, i+1)
					gone = append(gone, c)
				}
				a, errA = one.openWith(c, keysOf(step))
				b, errB = two.open(c)
			case len(gone) > 0:
				what = "open again"
				c := gone[random.IntN(len(gone))]
				a, errA = one.openWith(c, keysOf(step))
				b, errB = two.open(c)
				if errA == nil {
					t.Fatalf("round %d, step %d: opened again", round, step)
				}
			}
			met[what]++
			if errA != nil {
				met[what+" "+status.Of(errA).Name()]++
			}
			if a != b || (errA == nil) != (errB == nil) || errA != nil && errA.Error() != errB.Error() {
				t.Fatalf("round %d, step %d, %s: %q and %v, in rows %q and %v", round, step, what, a, errA, b, errB)
			}
			if got := two.whole(t).Encode(); !bytes.Equal(got, one.record) {
				t.Fatalf("round %d, step %d, %s: the records are not one", round, step, what)
			}
			if len(two.rows.Session) > sessionMax {
				t.Fatalf("round %d, step %d: the session row has %d bytes", round, step, len(two.rows.Session))
			}
		}
		met["only chains"] += two.calm
	}
	for _, what := range []string{"only chains", "begin", "peer begins", "seal", "open", "open again CALLKEY_ERR_DUPLICATE", "open a forgery CALLKEY_ERR_AUTHENTICATION"} {
		if met[what] == 0 {
			t.Errorf("%q never happened, only %v", what, met)
		}
	}
}

// openWith opens a message with given randomness, and keeps the record.
func (d *alone) openWith(c Ciphertext, random Random) (text string, err error) {
	in, err := Parse(c.Prekey, c.Bytes)
	if err != nil {
		return "", err
	}
	err = d.change(func(r *Record) error {
		left := MessageBudget
		if err := in.Trusted(d.trusted); err != nil {
			return err
		}
		var plaintext []byte
		if c.Prekey && !r.Has(in) {
			if err := in.CheckBaseKey(); err != nil {
				return err
			}
			plaintext, err = r.OpenFirst(in, &d.own, &d.signed, nil, &left, random)
		} else {
			plaintext, err = r.Open(in, d.trusted, &left, random)
		}
		text = string(plaintext)
		return err
	})
	return text, err
}

// fat is a device with archived sessions and the key of a skipped message, and its peer.
func fat(t testing.TB) (d *split, peer *alone, skipped Ciphertext) {
	t.Helper()
	d, peer = &split{alone: newAlone(t), random: System}, newAlone(t)
	d.trusted = peer.own.Public[:]
	for range 3 {
		if err := d.begin(peer.bundle()); err != nil {
			t.Fatal(err)
		}
	}
	first, err := d.seal("first")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := peer.open(first); err != nil {
		t.Fatal(err)
	}
	skipped = peer.sealed(t, "skipped")
	if text, err := d.open(peer.sealed(t, "next")); err != nil || text != "next" {
		t.Fatalf("%q, %v", text, err)
	}
	return d, peer, skipped
}

// If this failed, what a peer piled up would make each message slower: it would read or write the
// archive.
func TestOrdinaryMessagesLeaveTheArchive(t *testing.T) {
	d, peer, skipped := fat(t)
	reads, writes := d.reads, d.writes
	for turn := range 4 {
		for range 3 {
			c, err := d.seal("to the peer")
			if err != nil {
				t.Fatal(err)
			}
			if text, err := peer.open(c); err != nil || text != "to the peer" {
				t.Fatalf("%q, %v", text, err)
			}
		}
		if turn == 3 {
			break // the fifth new chain drops the one with the skipped key
		}
		for range 3 {
			if text, err := d.open(peer.sealed(t, "from the peer")); err != nil || text != "from the peer" {
				t.Fatalf("turn %d: %q, %v", turn, text, err)
			}
		}
	}
	if d.reads != reads || d.writes != writes {
		t.Errorf("the archive was read %d times, and written %d times", d.reads-reads, d.writes-writes)
	}
	if text, err := d.open(skipped); err != nil || text != "skipped" {
		t.Errorf("the skipped message: %q, %v", text, err)
	}
	if d.reads == reads || d.writes == writes {
		t.Error("the archive was not needed for it: this test is blind")
	}
	if _, err := d.open(skipped); status.Of(err) != status.Duplicate {
		t.Errorf("it opens again: %v", err)
	}
}

// A chain that is dropped takes along the keys that the archive has of it: on disk too.
func TestDroppedChainLeavesTheArchive(t *testing.T) {
	d, peer, skipped := fat(t)
	in, err := Parse(skipped.Prekey, skipped.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	has := func() bool { // the ratchet key names the chain
		return bytes.Contains(d.rows.Archive, in.message.ratchet[:])
	}
	if !has() {
		t.Fatal("the archive does not have the key")
	}
	for range maxReceivers + 1 {
		c, err := d.seal("turn")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := peer.open(c); err != nil {
			t.Fatal(err)
		}
		if _, err := d.open(peer.sealed(t, "turn")); err != nil {
			t.Fatal(err)
		}
	}
	if has() {
		t.Error("the archive still has the key of a chain that is gone")
	}
}

// An archive of another time has the key of a message that was opened since, or lacks one: the
// message would open twice, or a session would be lost.
func TestRowsOfDifferentTimes(t *testing.T) {
	d, peer, skipped := fat(t)
	before := d.rows
	if text, err := d.open(skipped); err != nil || text != "skipped" {
		t.Fatalf("%q, %v", text, err)
	}
	late := peer.sealed(t, "late")
	if _, err := d.open(peer.sealed(t, "later")); err != nil {
		t.Fatal(err)
	}
	after := d.rows
	other, _, _ := fat(t)
	for name, rows := range map[string]Rows{
		"an old archive":        {Session: after.Session, Archive: before.Archive},
		"a newer archive":       {Session: before.Session, Archive: after.Archive},
		"no archive":            {Session: after.Session},
		"another's archive":     {Session: after.Session, Archive: other.rows.Archive},
		"the session's archive": {Session: after.Session, Archive: after.Session},
		"a cut archive":         {Session: after.Session, Archive: after.Archive[:len(after.Archive)/2]},
		"an archive without keys": {Session: after.Session, Archive: func() []byte {
			var e protobuf.Encoder
			protobuf.Fields(after.Archive, func(f protobuf.Field) error {
				var body []byte
				if f.Bytes(&body); f.Number != archiveChain {
					e.Bytes(f.Number, body)
				}
				return nil
			})
			return e.B
		}()},
		"an archive with keys twice": {Session: after.Session, Archive: func() []byte {
			var e protobuf.Encoder
			protobuf.Fields(after.Archive, func(f protobuf.Field) error {
				var body []byte
				if f.Bytes(&body); f.Number == archiveChain {
					e.Bytes(f.Number, body)
				}
				return nil
			})
			return append(e.B, after.Archive...)
		}()},
	} {
		d.rows = rows
		for what, call := range map[string]func() error{
			"open a message that was opened": func() error { _, err := d.open(skipped); return err },
			"open a late message":            func() error { _, err := d.open(late); return err },
			"begin":                          func() error { return d.begin(peer.bundle()) },
		} {
			if name == "a newer archive" && what == "open a late message" {
				continue // to the older session it is the next one
			}
			if err := call(); status.Of(err) != status.Malformed {
				t.Errorf("%s: %s: %v", name, what, err)
			}
		}
		if !bytes.Equal(d.rows.Session, rows.Session) || !bytes.Equal(d.rows.Archive, rows.Archive) {
			t.Errorf("%s: a row was changed", name)
		}
	}
	d.rows = after
	if text, err := d.open(late); err != nil || text != "late" {
		t.Errorf("afterwards: %q, %v", text, err)
	}
}

// What a row may not have is rejected: it would be half of a record.
func TestDamagedSessionRow(t *testing.T) {
	d, _, _ := fat(t)
	r := d.whole(t)
	whole := r.encode(nil, seeds)
	add := func(b []byte, n protowire.Number, v []byte) []byte {
		e := protobuf.Encoder{B: slices.Clone(b)}
		e.Bytes(n, v)
		return e.B
	}
	kin := protobuf.Encoder{B: slices.Clone(whole)}
	kin.Number(recordKin, 1)
	rows := r.Rows(System)
	for name, row := range map[string][]byte{
		"with what its archive has":    add(whole, recordMark, bytes.Repeat([]byte{1}, 16)),
		"a mark of zeros":              add(nil, recordMark, make([]byte, 16)),
		"a short mark":                 add(nil, recordMark, make([]byte, 15)),
		"kin in no archive":            kin.B,
		"keys in no archive":           slices.Clip(rows.Session[:len(rows.Session)-markMax]),
		"a mark that is not its first": add(rows.Session, recordMark, make([]byte, 16)),
	} {
		if err := new(Record).DecodeSession(row, rows.Chains, noon); status.Of(err) != status.Malformed {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Nobody else's record has any of it.
	for name, record := range map[string][]byte{"a session row": rows.Session, "an archive row": rows.Archive, "kin": kin.B} {
		if err := new(Record).Decode(record, noon); status.Of(err) != status.Unsupported {
			t.Errorf("%s as a record: %v", name, err)
		}
		if err := new(Record).Import(record, noon, nil); status.Of(err) != status.Unsupported {
			t.Errorf("%s is imported: %v", name, err)
		}
	}
}

// A record that an earlier library wrote is whole in the session row, and becomes three rows when it
// is written.
func TestWholeRowIsSplit(t *testing.T) {
	d, peer, skipped := fat(t)
	whole := d.whole(t)
	d.rows = Rows{Session: whole.encode(nil, seeds)}
	if _, err := d.seal("message"); err != nil {
		t.Fatal(err)
	}
	if len(d.rows.Session) > sessionMax || d.rows.Archive == nil || d.writes == 0 {
		t.Errorf("rows of %d and %d bytes", len(d.rows.Session), len(d.rows.Archive))
	}
	if text, err := d.open(skipped); err != nil || text != "skipped" {
		t.Errorf("%q, %v", text, err)
	}
	if text, err := d.open(peer.sealed(t, "more")); err != nil || text != "more" {
		t.Errorf("%q, %v", text, err)
	}
}

// Two sessions of one handshake that diverged: when the peer answers the current one, the other is
// over. If it stayed in the archive, it could open and seal with keys that the current one used.
func TestAnswerSettlesTheArchive(t *testing.T) {
	a, b := twoAlone(t)
	passes(t, a, b)
	c := b.sealed(t, "turn")
	fork := &alone{own: a.own, trusted: a.trusted, record: slices.Clone(a.record)}
	for _, d := range []*alone{a, fork} { // each makes a ratchet key of its own
		if _, err := d.open(c); err != nil {
			t.Fatal(err)
		}
	}
	merged, err := MergeRecords(a.record, fork.record)
	if err != nil {
		t.Fatal(err)
	}
	d := &split{alone: a, random: System}
	r := new(Record)
	if err := r.Decode(merged, noon); err != nil {
		t.Fatal(err)
	}
	if len(r.archived) != 1 || !sameHandshake(r.current, r.archived[0]) {
		t.Fatalf("%d archived states: this test is blind", len(r.archived))
	}
	d.keep(r.Rows(System))
	answered, err := d.seal("to be answered")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.open(answered); err != nil {
		t.Fatal(err)
	}
	if text, err := d.open(b.sealed(t, "answer")); err != nil || text != "answer" {
		t.Fatalf("%q, %v", text, err)
	}
	if n := len(d.whole(t).archived); n != 0 {
		t.Errorf("%d states stay in the archive", n)
	}
}
