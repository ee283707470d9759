package session

import (
	"bytes"
	"slices"
	"testing"

	"libcallkey/core/protobuf"
	"libcallkey/core/status"
)

// If this failed, each message would write what only a turn changes; or a change would be lost, which is worse.
func TestOrdinaryMessagesWriteTheChainsOnly(t *testing.T) {
	d, peer := &split{alone: newAlone(t), random: System}, newAlone(t)
	d.trusted = peer.own.Public[:]
	step := func(what string, calm bool, do func() error) {
		t.Helper()
		before, rows := d.calm, d.rows
		if err := do(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if (d.calm > before) != calm {
			t.Errorf("%s: it wrote the chains row only: %v", what, d.calm > before)
		}
		if bytes.Equal(rows.Chains, d.rows.Chains) || bytes.Equal(rows.Session, d.rows.Session) != calm {
			t.Errorf("%s: the rows did not change as they should", what)
		}
		if len(d.rows.Chains) != chainsBytes {
			t.Errorf("%s: a chains row of %d bytes", what, len(d.rows.Chains))
		}
		d.hasNoChainKeys(t, what)
	}
	seals := func() error {
		c, err := d.seal("to the peer")
		if err == nil {
			_, err = peer.open(c)
		}
		return err
	}
	opens := func(c Ciphertext) func() error { return func() error { _, err := d.open(c); return err } }
	step("a session begins", false, func() error { return d.begin(peer.bundle()) })
	for range 2 {
		step("a first message", true, seals)
	}
	step("the first answer", false, opens(peer.sealed(t, "answer")))
	for range 3 {
		step("a message to the peer", true, seals)
		step("a message on a new chain", false, opens(peer.sealed(t, "a turn")))
		step("a message on the chain", true, opens(peer.sealed(t, "next")))
		step("another one", true, opens(peer.sealed(t, "next")))
	}
	late := peer.sealed(t, "late")
	step("a message after a skipped one", false, opens(peer.sealed(t, "early")))
	step("a message to the peer", true, func() error { _, err := d.seal("away"); return err })
	step("the next one, beside a kept key", true, opens(peer.sealed(t, "next")))
	older := peer.sealed(t, "on what will be an older chain")
	step("a message to the peer", true, seals)
	step("a message on a new chain, with the skipped one of the last", false, opens(peer.sealed(t, "a turn")))
	step("a message on an older chain", false, opens(older))
	d.kept = nil // read again
	step("the skipped message", false, opens(late))
	step("a message to the peer", true, seals)
}

// hasNoChainKeys fails if the session row has a key that is in the chains row.
func (d *split) hasNoChainKeys(t testing.TB, what string) {
	t.Helper()
	for at := len(mark{}); at < chainsBytes; at += chainKeyBytes {
		key := d.rows.Chains[at : at+32]
		if !bytes.Equal(key, make([]byte, 32)) && (bytes.Contains(d.rows.Session, key) || bytes.Contains(d.rows.Archive, key)) {
			t.Errorf("%s: a chain key is in another row too", what)
		}
	}
	r := new(Record)
	if err := r.decode(d.rows.Session, noon); err != nil || !r.lacksChains() {
		t.Errorf("%s: the session row has a chain key: %v", what, err)
	}
}

// Chains of another time have keys that were used, or would open messages of a turn that is over.
func TestChainsOfDifferentTimes(t *testing.T) {
	d, peer := &split{alone: newAlone(t), random: System}, newAlone(t)
	d.trusted = peer.own.Public[:]
	if err := d.begin(peer.bundle()); err != nil {
		t.Fatal(err)
	}
	turn := func() {
		t.Helper()
		c, err := d.seal("a turn")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := peer.open(c); err != nil {
			t.Fatal(err)
		}
		if _, err := d.open(peer.sealed(t, "a turn")); err != nil {
			t.Fatal(err)
		}
	}
	turn()
	before := d.rows
	turn()
	after := d.rows
	whole := d.whole(t).encode(nil, seeds)
	other := &split{alone: newAlone(t), random: System, rows: Rows{}}
	other.trusted = peer.own.Public[:]
	if err := other.begin(peer.bundle()); err != nil {
		t.Fatal(err)
	}
	marked := func(record []byte) []byte {
		e := protobuf.Encoder{B: slices.Clone(record)}
		e.Bytes(recordChains, after.Chains[:len(mark{})])
		return e.B
	}
	noKey := bytes.Clone(after.Chains)
	clear(noKey[len(mark{}):][:32])
	noMark := bytes.Clone(after.Chains)
	clear(noMark[:len(mark{})])
	next := peer.sealed(t, "next")
	for name, rows := range map[string]Rows{
		"old chains":                           {Session: after.Session, Chains: before.Chains},
		"newer chains":                         {Session: before.Session, Chains: after.Chains},
		"no chains":                            {Session: after.Session},
		"empty chains":                         {Session: after.Session, Chains: []byte{}},
		"another's chains":                     {Session: after.Session, Chains: other.rows.Chains},
		"cut chains":                           {Session: after.Session, Chains: after.Chains[:len(after.Chains)-1]},
		"longer chains":                        {Session: after.Session, Chains: append(slices.Clone(after.Chains), 0)},
		"chains without a mark":                {Session: after.Session, Chains: noMark},
		"a sending chain without a key":        {Session: after.Session, Chains: noKey},
		"chains of a record in one piece":      {Session: whole, Chains: after.Chains},
		"a record in one piece with the mark":  {Session: marked(whole), Chains: after.Chains},
		"a mark and no session":                {Session: marked(nil), Chains: after.Chains},
		"a session without the mark":           {Session: after.Session[:len(after.Session)-markMax]},
		"the session row in the chains' place": {Session: after.Session, Chains: after.Session},
	} {
		d.rows, d.kept = rows, nil
		for what, call := range map[string]func() error{
			"seal":  func() error { _, err := d.seal("no"); return err },
			"open":  func() error { _, err := d.open(next); return err },
			"begin": func() error { return d.begin(peer.bundle()) },
		} {
			if err := call(); status.Of(err) != status.Malformed {
				t.Errorf("%s: %s: %v", name, what, err)
			}
		}
		if !bytes.Equal(d.rows.Session, rows.Session) || !bytes.Equal(d.rows.Chains, rows.Chains) {
			t.Errorf("%s: a row was changed", name)
		}
	}
	d.rows = after
	if text, err := d.open(next); err != nil || text != "next" {
		t.Errorf("afterwards: %q, %v", text, err)
	}
	// Nobody else's record has any of it, and a chain without a key is damage.
	if err := new(Record).Decode(after.Session, noon); status.Of(err) != status.Unsupported {
		t.Errorf("a session row as a record: %v", err)
	}
	if err := new(Record).Decode(after.Session[:len(after.Session)-markMax], noon); status.Of(err) != status.Malformed {
		t.Errorf("one without the mark: %v", err)
	}
}

// A record that has no session that seals has no chains, and those that it had go.
func TestNoChainsWithoutACurrentSession(t *testing.T) {
	d, _, _ := fat(t)
	r := d.whole(t)
	r.archived = append([]*state{r.current}, r.archived...)
	r.current = nil
	rows := r.Rows(System)
	if rows.Calm || rows.Chains != nil || !rows.Archived {
		t.Errorf("calm: %v, chains of %d bytes", rows.Calm, len(rows.Chains))
	}
	if err := new(Record).DecodeSession(rows.Session, nil, noon); err != nil {
		t.Error(err)
	}
}

// If this failed, a session would begin its thirty days without an answer anew each time that it is read: a
// clock that stood at 1970 when it began would keep it for ever.
func TestUndatedSessionGetsADate(t *testing.T) {
	d, peer := &split{alone: newAlone(t), random: System}, newAlone(t)
	d.trusted = peer.own.Public[:]
	r := new(Record)
	if err := r.Begin(&d.own, peer.bundle(), 0, System); err != nil {
		t.Fatal(err)
	}
	d.keep(r.Rows(System))
	for i, calm := range []int{0, 1} { // the first message writes the date
		if _, err := d.seal("message"); err != nil || d.calm != calm {
			t.Errorf("message %d: %v, %d times it wrote the chains row only", i, err, d.calm)
		}
	}
	again := new(Record)
	if err := again.DecodeSession(d.rows.Session, d.rows.Chains, noon+1); err != nil || again.current.pending.since != noon {
		t.Errorf("since %d, %v", again.current.pending.since, err)
	}
}
