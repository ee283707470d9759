package session

import (
	"bytes"
	"crypto/rand"
	"fmt"
	mathrand "math/rand/v2"
	"slices"
	"testing"

	"libcallkey/core/protobuf"
	"libcallkey/core/status"
)

// TestRowsAreOneRecord with what a hostile peer, an earlier library and a merge of names add: jumps, forgeries under every
// ratchet key and counter, sessions begun by the dozen, copies that diverged, old copies, rows in one piece.
func TestRowsAreOneRecordWhateverHappens(t *testing.T) {
	rounds := 15
	if testing.Short() {
		rounds = 3
	}
	met := map[string]int{}
	for round := range rounds {
		random := mathrand.New(mathrand.NewPCG(uint64(round), 77))
		one := newAlone(t)
		two := &split{alone: &alone{own: one.own, signed: one.signed}}
		peer := newAlone(t)
		one.trusted, two.trusted = peer.own.Public[:], peer.own.Public[:]
		var under, gone []Ciphertext
		var copies [][]byte // of the device's record
		wide := round%3 == 0
		for step := range 150 {
			what := ""
			var a, b string
			var errA, errB error
			two.random = keysOf(1000*round + step)
			switch n := random.IntN(30); {
			case n == 0 || step == 0:
				what = "begin"
				times := 1
				if random.IntN(12) == 0 {
					times = 45
				}
				for i := range times {
					bundle := peer.bundle()
					two.random = keysOf(50_000 + 100*step + i)
					errA = one.change(func(r *Record) error { return r.Begin(&one.own, bundle, noon, keysOf(50_000+100*step+i)) })
					errB = two.begin(bundle)
				}
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
			case n < 11:
				what = "peer seals"
				times := 1
				if wide && random.IntN(4) == 0 {
					times = []int{30, 700, 2000, 2100}[random.IntN(4)]
				}
				for range times {
					c, err := peer.seal(fmt.Sprint("message ", step))
					if err != nil {
						break
					}
					under = append(under, c)
				}
			case n < 20 && len(under) > 0:
				what = "open"
				i := len(under) - 1
				if random.IntN(2) == 0 {
					i = random.IntN(len(under))
				}
				c := under[i]
				a, errA = one.openWith(c, two.random)
				two.random = keysOf(1000*round + step)
				b, errB = two.open(c)
				if errA == nil || random.IntN(2) == 0 {
					under = slices.Delete(under, i, i+1)
					gone = append(gone, c)
				}
			case n < 22 && len(under)+len(gone) > 0:
				what = "forge"
				all := append(slices.Clone(under), gone...)
				c := all[random.IntN(len(all))]
				c.Bytes = forged(t, random, c, one.record)
				a, errA = one.openWith(c, keysOf(1000*round+step))
				b, errB = two.open(c)
			case n < 25 && len(gone) > 0:
				what = "open again"
				c := gone[random.IntN(len(gone))]
				a, errA = one.openWith(c, keysOf(1000*round+step))
				b, errB = two.open(c)
			case n == 25 && len(one.record) > 0:
				what = "copy"
				copies = append(copies, slices.Clone(one.record))
			case n == 26 && len(copies) > 0:
				what = "merge"
				twin := &alone{own: one.own, signed: one.signed, trusted: one.trusted, record: copies[len(copies)-1-random.IntN(min(3, len(copies)))]}
				for _, c := range append(slices.Clone(gone[max(0, len(gone)-5):]), under[max(0, len(under)-2):]...) {
					twin.open(c) // with ratchet keys of its own
				}
				other := twin.record
				errA = one.change(func(r *Record) error {
					from := new(Record)
					if err := from.Decode(other, noon); err != nil {
						return err
					}
					r.Merge(from)
					return nil
				})
				errB = func() error {
					r, from := new(Record), new(Record)
					if err := two.load(r, true); err != nil {
						return err
					}
					if err := from.Decode(other, noon); err != nil {
						return err
					}
					r.Merge(from)
					two.keep(r.Rows(System))
					return nil
				}()
				gone = nil // an old copy may open again
			case n == 27:
				what = "one piece"
				r := two.whole(t)
				two.rows = Rows{Session: slices.Clone(r.encode(nil, seeds))}
			case n == 29:
				what = "begin and seal"
				bundle := peer.bundle()
				errA = one.change(func(r *Record) error { return r.Begin(&one.own, bundle, noon, keysOf(1000*round+step)) })
				var ca, cb Ciphertext
				if errA == nil {
					ca, errA = one.seal("with a session")
				}
				cb, errB = two.beginAndSeal(bundle, "with a session")
				if !bytes.Equal(ca.Bytes, cb.Bytes) {
					t.Fatalf("round %d, step %d: other first ciphertexts", round, step)
				}
				if errA == nil && random.IntN(3) > 0 {
					peer.open(ca)
				}
			case n == 28:
				what = "stale"
				errA = one.change(func(r *Record) error { r.Restored(); return nil })
				r := two.whole(t)
				r.Restored()
				two.keep(r.Rows(System))
				if random.IntN(3) > 0 {
					bundle := peer.bundle()
					errA = one.change(func(r *Record) error { return r.Begin(&one.own, bundle, noon, keysOf(1000*round+step)) })
					errB = two.begin(bundle)
				}
			}
			met[what]++
			if errA != nil {
				met[what+" "+status.Of(errA).Name()]++
			}
			if a != b || (errA == nil) != (errB == nil) || errA != nil && errA.Error() != errB.Error() {
				t.Fatalf("round %d, step %d, %s: %q and %v, in rows %q and %v", round, step, what, a, errA, b, errB)
			}
			got := two.whole(t)
			if bare := new(Record); bare.DecodeSession(two.rows.Session, two.rows.Chains, noon) == nil && bare.kin {
				met["kin"]++
			}
			if len(got.archived) == maxArchived {
				met["full archive"]++
			}
			if !bytes.Equal(got.Encode(), one.record) {
				t.Fatalf("round %d, step %d, %s: the records are not one", round, step, what)
			}
		}
	}
	for _, what := range []string{"kin", "full archive", "merge", "stale", "one piece", "open CALLKEY_ERR_TOO_FAR", "open again CALLKEY_ERR_DUPLICATE", "forge CALLKEY_ERR_AUTHENTICATION"} {
		if met[what] == 0 && !testing.Short() {
			t.Errorf("%q never happened, only %v", what, met)
		}
	}
}

// forged is a message that says to be under one of the ratchet keys of a record, or a new one, with a counter near those of its chains.
func forged(t testing.TB, random *mathrand.Rand, c Ciphertext, record []byte) []byte {
	t.Helper()
	r := new(Record)
	if err := r.Decode(record, noon); err != nil {
		t.Fatal(err)
	}
	var ratchet [32]byte
	counter := uint32(random.IntN(3))
	if states := r.states(); len(states) > 0 && random.IntN(4) > 0 {
		s := states[random.IntN(len(states))]
		if len(s.receivers) > 0 {
			chain := s.receivers[random.IntN(len(s.receivers))]
			ratchet = chain.ratchet
			counter = max(chain.chain.index+counter, 1) - 1
		}
	} else {
		rand.Read(ratchet[:])
	}
	e := protobuf.Encoder{B: []byte{versionByte}}
	e.PublicKey(messageRatchet, &ratchet)
	e.Number(messageCounter, uint64(counter))
	e.Number(messagePreviousCounter, 0)
	e.Bytes(messageBody, make([]byte, 32))
	inner := append(e.B, make([]byte, macBytes)...)
	if !c.Prekey {
		return inner
	}
	in, err := Parse(true, c.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	p := in.prekey
	var w protobuf.Encoder
	w.B = []byte{versionByte}
	if p.prekeyID != 0 {
		w.Number(prekeyMessagePrekeyID, uint64(p.prekeyID))
	}
	w.PublicKey(prekeyMessageBaseKey, &p.baseKey)
	w.PublicKey(prekeyMessageIdentity, &p.identity)
	w.Bytes(prekeyMessageMessage, inner)
	w.Number(prekeyMessageRegistration, uint64(p.registrationID))
	w.Number(prekeyMessageSignedPrekeyID, uint64(p.signedPrekeyID))
	return w.B
}

// An import of 0.2.0 left two chains of one ratchet key in a state. It worked in one row; it must in two.
func TestTwoChainsOfOneRatchetKeyInTwoRows(t *testing.T) {
	d, peer, skipped := fat(t)
	r := d.whole(t)
	s := r.current
	twin := receiverChain{ratchet: s.receivers[len(s.receivers)-1].ratchet, chain: s.receivers[len(s.receivers)-1].chain}
	twin.skipped = append(slices.Clone(s.receivers[len(s.receivers)-1].skipped), seedOf(&[32]byte{1}, 0))
	s.receivers = append(s.receivers, twin)
	d.rows = Rows{Session: r.encode(nil, seeds)}
	if _, err := d.seal("is split"); err != nil {
		t.Fatal(err)
	}
	if text, err := d.open(skipped); err != nil || text != "skipped" {
		t.Errorf("%q, %v", text, err)
	}
	if err := d.begin(peer.bundle()); err != nil {
		t.Error(err)
	}
}

// More keys than a chain may have are no number of ours: they would outgrow the memory made for the row, and on 32 bits wrap.
func TestTooManyKeysElsewhere(t *testing.T) {
	d, _, _ := fat(t)
	r := new(Record)
	if err := r.DecodeSession(d.rows.Session, d.rows.Chains, noon); err != nil {
		t.Fatal(err)
	}
	for i := range r.current.receivers {
		if c := &r.current.receivers[i]; c.away > 0 {
			c.away = maxSkipped + 1
		}
	}
	if err := new(Record).DecodeSession(r.encodeSession(nil), d.rows.Chains, noon); status.Of(err) != status.Malformed {
		t.Error(err)
	}
}

// If this failed, a new session would push the current one into an archive that is never written: it would be lost.
func TestNothingIsArchivedWithoutTheArchive(t *testing.T) {
	d, peer, _ := fat(t)
	r := new(Record)
	if err := d.load(r, false); err != nil || !r.Apart() {
		t.Fatal(err)
	}
	if err := r.Begin(&d.own, peer.bundle(), noon, System); err != ErrArchive {
		t.Errorf("begun: %v", err)
	}
	stranger := newAlone(t)
	if err := stranger.begin(d.bundle()); err != nil {
		t.Fatal(err)
	}
	in, err := Parse(true, stranger.sealed(t, "first").Bytes)
	if err != nil {
		t.Fatal(err)
	}
	left := MessageBudget
	if _, err := r.OpenFirst(in, &d.own, &d.signed, nil, &left, System); err != ErrArchive {
		t.Errorf("opened: %v", err)
	}
	if len(r.archived) != 0 || !r.Apart() {
		t.Error("a session was archived")
	}
}
