package signal

import (
	"errors"
	"fmt"
	"libcallkey/core/session"
	"libcallkey/core/session/sessiontest"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

// twoNames is a device that we keep two sessions of one handshake with: under its LID and
// under its phone number.
type twoNames struct {
	peer  *ours
	names [2]*ours // one store; the LID and the number
}

var (
	lidAddress   = Address{Name: "222_1", Device: 3}
	phoneAddress = Address{Name: "15550001", Device: 3}
)

func newTwoNames(t testing.TB) twoNames {
	t.Helper()
	lid := newOurs(t)
	lid.peer = lidAddress
	v := twoNames{newOurs(t), [2]*ours{lid, {lid.store, phoneAddress}}}
	bundle := lid.bundle(t)
	bundle.PrekeyID = 0
	if err := Begin(v.peer.store, v.peer.peer, &bundle); err != nil {
		t.Fatal(err)
	}
	return v
}

// twins opens a first message under both names, as version 0.2 did. Then each session has a
// ratchet key of its own.
func (v twoNames) twins(t testing.TB, number, lid session.Ciphertext) {
	t.Helper()
	if _, err := v.names[1].open(number); err != nil {
		t.Fatal(err)
	}
	v.forgetFirstMessages(t)
	if _, err := v.names[0].open(lid); err != nil {
		t.Fatal(err)
	}
	v.forgetFirstMessages(t)
}

func (v twoNames) forgetFirstMessages(t testing.TB) {
	t.Helper()
	if err := v.names[0].store.Update(func(tx *store.Tx) error { forgetBaseKeys(tx, 1); return nil }); err != nil {
		t.Fatal(err)
	}
}

// copies copies the LID's session to the number, as an app can.
func (v twoNames) copies(t testing.TB) {
	t.Helper()
	encoded, err := Export(v.names[0].store, v.names[0].peer)
	if err == nil {
		err = Import(v.names[1].store, v.names[1].peer, encoded)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// tie makes the two names one.
func (v twoNames) tie(t testing.TB) {
	t.Helper()
	if err := Alias(v.names[0].store, phoneAddress, lidAddress); err != nil {
		t.Fatal(err)
	}
}

// counterOf names the message key of a ciphertext.
func counterOf(t testing.TB, c session.Ciphertext) string {
	t.Helper()
	m := sessiontest.ParseMessage(t, c.Prekey, c.Bytes)
	return fmt.Sprintf("%x %d", m.Ratchet, m.Counter)
}

// A first message was opened under the number and under the LID, which version 0.2 let
// happen, and then both became one device. It must go on with the session that the peer
// knows, whichever it is, and open every message once.
func TestFault27_TwinsOfOneFirstMessage(t *testing.T) {
	const lid, number = 0, 1
	for _, c := range []struct {
		name     string
		answered []int // under which names we sealed, before the tie
		heard    int   // which of these answers reaches the peer first
		seals    bool  // and the tie goes on with that session
	}{
		{"nobody answered", nil, -1, false},
		{"the LID answered", []int{lid}, 0, true},
		{"the number answered", []int{number}, 0, true},
		{"the number answered twice", []int{number, lid, number}, 0, true},
		{"both answered, the LID first", []int{lid, number}, 0, true},
		{"both answered, the number first", []int{lid, number}, 1, false},
		{"both answered, the number's was lost", []int{number, lid}, 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := newTwoNames(t)
			var sent []session.Ciphertext
			for i := range 7 {
				sent = append(sent, sealed(t)(v.peer.seal(fmt.Sprint(i))))
			}
			v.twins(t, sent[0], sent[0])
			opened(t, "2")(v.names[number].open(sent[2]))
			opened(t, "4")(v.names[lid].open(sent[4]))
			var answers []session.Ciphertext
			for i, name := range c.answered {
				answers = append(answers, sealed(t)(v.names[name].seal(fmt.Sprint("answer ", i))))
			}
			v.tie(t)
			for _, i := range []int{0, 2, 4} {
				v.names[lid].refuses(t, sent[i], status.Duplicate)
			}
			for _, i := range []int{1, 3, 5} { // neither has opened it
				opened(t, fmt.Sprint(i))(v.names[number].open(sent[i]))
				v.names[lid].refuses(t, sent[i], status.Duplicate)
			}
			if err := Check(v.names[lid].store, lidAddress); err != nil {
				t.Fatalf("no session after the tie: %v", err)
			}
			if c.heard >= 0 {
				opened(t, fmt.Sprint("answer ", c.heard))(v.peer.open(answers[c.heard]))
				if c.seals {
					opened(t, "before")(v.peer.open(sealed(t)(v.names[lid].seal("before"))))
				}
				opened(t, "next")(v.names[lid].open(sealed(t)(v.peer.seal("next"))))
				if n := len(v.names[lid].record(t).States()); n != 1 {
					t.Fatalf("%d states after the peer answered one", n)
				}
			}
			opened(t, "6")(v.names[number].open(sent[6])) // late, on a chain before the turn
			for i := range 2 * sessiontest.MaxReceivers {
				text := fmt.Sprint("turn ", i)
				opened(t, text)(v.peer.open(sealed(t)(v.names[number].seal(text))))
				opened(t, text)(v.names[lid].open(sealed(t)(v.peer.seal(text))))
				for _, old := range sent {
					v.names[lid].refuses(t, old, status.Duplicate, status.Authentication)
				}
			}
		})
	}
}

// An export after the tie takes both along: the peer may answer either.
func TestFault27_TwinsAreExported(t *testing.T) {
	v := newTwoNames(t)
	first := sealed(t)(v.peer.seal("first"))
	v.twins(t, first, first)
	answers := []session.Ciphertext{sealed(t)(v.names[0].seal("0")), sealed(t)(v.names[1].seal("1"))}
	v.tie(t)
	for i, answer := range answers {
		peer, moved := v.peer.copied(t), v.names[0].copied(t)
		opened(t, fmt.Sprint(i))(peer.open(answer))
		opened(t, "back")(moved.open(sealed(t)(peer.seal("back"))))
		opened(t, "there")(peer.open(sealed(t)(moved.seal("there"))))
		moved.refuses(t, first, status.Duplicate)
	}
}

// copied is another store with the session.
func (d *ours) copied(t testing.TB) *ours {
	t.Helper()
	encoded, err := Export(d.store, d.peer)
	if err != nil {
		t.Fatal(err)
	}
	c := newOurs(t).at(d.peer)
	if err := Import(c.store, c.peer, encoded); err != nil {
		t.Fatal(err)
	}
	return c
}

// merge is the record of a device and of its alias, when they become one.
func merge(t *testing.T, own, other *sessiontest.Record) *sessiontest.Record {
	t.Helper()
	r, alias := session.NewRecord(), new(session.Record)
	defer r.Release()
	now := time.Now().Unix()
	if err := errors.Join(r.Decode(own.Encode(), now), alias.Decode(other.Encode(), now)); err != nil {
		t.Fatal(err)
	}
	r.Merge(alias)
	return sessiontest.Parse(t, r.Encode())
}

// A state whose chains went to its twin has to be answered before it seals: elsewhere it may
// have gone on.
func TestFault27_TwinWithoutChainsDoesNotSeal(t *testing.T) {
	v := newTwoNames(t)
	first := sealed(t)(v.peer.seal("first"))
	v.twins(t, first, first)
	for range 3 {
		sealed(t)(v.names[1].seal("answer"))
	}
	for _, behind := range []bool{false, true} {
		whole, bare := v.names[0].record(t), v.names[1].record(t)
		bare.Current.Receivers = nil
		r, other := whole, bare
		if behind {
			r, other = bare, whole
		}
		merged := merge(t, r, other)
		if len(merged.States()) != 2 || merged.Current.Sender.Public != whole.Current.Sender.Public {
			t.Fatalf("%d states, and the current one has %d chains", len(merged.States()), len(merged.Current.Receivers))
		}
	}
}

// A session of an old copy of the store seals nothing. Of two that become one it does not
// take that from the other, and what is a copy of it does not seal either.
func TestFault27_TwinOfAnOldCopy(t *testing.T) {
	v := newTwoNames(t)
	first := sealed(t)(v.peer.seal("first"))
	v.twins(t, first, first)
	for range 3 {
		sealed(t)(v.names[1].seal("answer"))
	}
	another, _ := v.names[0].firstMessage(t, false)
	for name, c := range map[string]struct {
		own, other             *sessiontest.Record
		ownStale, otherStale   bool
		seals, sealsIsTheOther bool
	}{
		"twins, the alias's is old":  {v.names[0].record(t), v.names[1].record(t), false, true, true, false},
		"twins, the device's is old": {v.names[1].record(t), v.names[0].record(t), true, false, true, true},
		"twins, both are old":        {v.names[0].record(t), v.names[1].record(t), true, true, false, true},
		"a copy of an old one":       {v.names[0].record(t), v.names[0].record(t), false, true, false, false},
		"an old one of a copy":       {v.names[0].record(t), v.names[0].record(t), true, false, false, false},
		"two sessions, one is old":   {v.names[0].record(t), another.record(t), true, false, true, true},
		"two sessions, both are old": {v.names[0].record(t), another.record(t), true, true, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			c.own.Current.Stale, c.other.Current.Stale = c.ownStale, c.otherStale
			want := c.own.Current.Sender.Public
			if c.sealsIsTheOther {
				want = c.other.Current.Sender.Public
			}
			current := merge(t, c.own, c.other).Current
			if current.Sender.Public != want || current.Stale == c.seals {
				t.Fatalf("the current session is the other's: %v, stale: %v", current.Sender.Public != want, current.Stale)
			}
		})
	}
}

// The LID's session went on for so long that it has forgotten the chain on which the number's
// twin stayed.
func TestFault27_TwinThatStayedBehind(t *testing.T) {
	for _, from := range []int{0, 1} {
		v := newTwoNames(t)
		first := sealed(t)(v.peer.seal("first"))
		v.twins(t, first, first)
		talking, stayed := v.names[from], v.names[1-from]
		sealed(t)(stayed.seal("never arrives"))
		var last session.Ciphertext
		for i := range 2 * sessiontest.MaxReceivers {
			text := fmt.Sprint(i)
			opened(t, text)(v.peer.open(sealed(t)(talking.seal(text))))
			last = sealed(t)(v.peer.seal(text))
			opened(t, text)(talking.open(last))
		}
		late := sealed(t)(v.peer.seal("late"))
		v.tie(t)
		lid := v.names[0]
		if n := len(lid.record(t).States()); n != 1 {
			t.Fatalf("%d states", n)
		}
		lid.refuses(t, last, status.Duplicate)
		lid.refuses(t, first, status.Duplicate, status.Authentication)
		opened(t, "late")(lid.open(late))
		opened(t, "on")(v.peer.open(sealed(t)(lid.seal("on"))))
	}
}

// An app that copied a session from a number to a LID, went on with one or both, and then
// says that both are one device, must not fall back to a copy: no message opens twice, no
// message key is used again, and what is under way still opens.
func TestFault27_CopiesOfOneSession(t *testing.T) {
	for name, c := range map[string]struct{ seals, opens, turns []int }{
		"neither":                       {},
		"the device's":                  {turns: []int{0}},
		"the alias's":                   {turns: []int{1}},
		"both":                          {turns: []int{0, 1}},
		"both, the number first":        {turns: []int{1, 0}},
		"one seals, the other opens":    {seals: []int{0, 0}, opens: []int{1}},
		"the other seals":               {seals: []int{1, 1, 1}, opens: []int{0}},
		"one seals and the other turns": {seals: []int{0, 0}, turns: []int{1}},
	} {
		t.Run(name, func(t *testing.T) {
			v := newTwoNames(t)
			opened(t, "1")(v.names[0].open(sealed(t)(v.peer.seal("1"))))
			v.copies(t)
			onTheChain := sealed(t)(v.peer.seal("on the chain"))
			used := map[string]bool{}
			var read []session.Ciphertext
			for _, i := range c.seals {
				used[counterOf(t, sealed(t)(v.names[i].seal("sealed")))] = true
			}
			for _, i := range c.opens {
				opened(t, "on the chain")(v.names[i].open(onTheChain))
				read = append(read, onTheChain)
			}
			// The peer hears us, and its next message turns the ratchet.
			opened(t, "hi")(v.peer.open(hi(t, v, used)))
			turn, after := sealed(t)(v.peer.seal("turn")), sealed(t)(v.peer.seal("after"))
			for _, i := range c.turns {
				opened(t, "turn")(v.names[i].open(turn))
				read = append(read, turn)
				answer := sealed(t)(v.names[i].seal("answer"))
				used[counterOf(t, answer)] = true
			}
			v.tie(t)
			lid := v.names[0]
			for _, c := range read {
				lid.refuses(t, c, status.Duplicate)
			}
			if len(c.opens) == 0 {
				opened(t, "on the chain")(lid.open(onTheChain))
				lid.refuses(t, onTheChain, status.Duplicate)
			}
			opened(t, "after")(lid.open(after))
			for range 3 {
				next := sealed(t)(lid.seal("next"))
				if used[counterOf(t, next)] {
					t.Fatal("a message key was used twice")
				}
				opened(t, "next")(v.peer.open(next))
			}
		})
	}
}

// hi is a message that is sealed on the copy which is further.
func hi(t *testing.T, v twoNames, used map[string]bool) session.Ciphertext {
	t.Helper()
	at := 0
	if v.names[1].record(t).Current.Sender.Chain.Index > v.names[0].record(t).Current.Sender.Chain.Index {
		at = 1
	}
	c := sealed(t)(v.names[at].seal("hi"))
	if used[counterOf(t, c)] {
		t.Fatal("the scene itself used a message key twice")
	}
	used[counterOf(t, c)] = true
	return c
}

// Two copies that each went on for more turns than a session remembers: either may be the
// older one. Neither may seal, and the device gets a new session.
func TestFault27_CopiesThatNobodyCanOrder(t *testing.T) {
	v := newTwoNames(t)
	opened(t, "1")(v.names[0].open(sealed(t)(v.peer.seal("1"))))
	v.copies(t)
	encoded, err := Export(v.peer.store, v.peer.peer)
	if err != nil {
		t.Fatal(err)
	}
	other := newOurs(t)
	if err := Import(other.store, other.peer, encoded); err != nil {
		t.Fatal(err)
	}
	for _, pair := range [2][2]*ours{{v.names[0], v.peer}, {v.names[1], other}} {
		for range 2 * sessiontest.MaxReceivers {
			opened(t, "there")(pair[1].open(sealed(t)(pair[0].seal("there"))))
			opened(t, "back")(pair[0].open(sealed(t)(pair[1].seal("back"))))
		}
	}
	v.tie(t)
	if err := Check(v.names[0].store, lidAddress); status.Of(err) != status.NoSession {
		t.Fatalf("after the tie: %v", err)
	}
	if record, err := Export(v.names[0].store, lidAddress); status.Of(err) != status.NoSession {
		t.Fatalf("exported %d bytes: %v", len(record), err)
	}
	bundle := v.peer.bundle(t)
	if err := Begin(v.names[0].store, phoneAddress, &bundle); err != nil {
		t.Fatal(err)
	}
	opened(t, "again")(v.peer.open(sealed(t)(v.names[0].seal("again"))))
}

// Any history of two sessions of one handshake, then the tie, then any history of the one:
// no message opens twice, no message key is used again, and a message that the peer seals
// after the tie always opens.
func TestFault27_AnyHistoryOfTwoNames(t *testing.T) {
	histories := 1000
	if testing.Short() {
		histories = 100
	}
	kinds := map[string]int{}
	for seed := range histories {
		random := rand.New(rand.NewPCG(uint64(seed), 27))
		kind := mixedHistory(t, random)
		kinds[kind]++
		if t.Failed() {
			t.Fatalf("history %d", seed)
		}
	}
	t.Logf("how the two stood at the tie: %v", kinds)
	for _, kind := range []string{"same", "apart", "ahead", "behind"} {
		if kinds[kind] == 0 {
			t.Errorf("no history came to %q", kind)
		}
	}
}

func mixedHistory(t *testing.T, random *rand.Rand) (kind string) {
	v := newTwoNames(t)
	var flying []session.Ciphertext // from the peer
	var back []session.Ciphertext   // to the peer
	opens := map[string]int{}
	used := map[string]bool{}
	tied := false
	send := func() session.Ciphertext {
		c := sealed(t)(v.peer.seal("x"))
		flying = append(flying, c)
		return c
	}
	receive := func(c session.Ciphertext) error {
		_, err := v.names[random.IntN(2)].open(c)
		if err == nil && tied {
			if opens[counterOf(t, c)]++; opens[counterOf(t, c)] > 1 {
				t.Error("a message opened twice")
			}
		} else if err == nil {
			opens[counterOf(t, c)] = 1 // before the tie they looked like two devices
		}
		return err
	}
	answer := func() {
		c, err := v.names[random.IntN(2)].seal("y")
		if err != nil {
			if tied || status.Of(err) != status.NoSession {
				t.Errorf("can't seal: %v", err)
			}
			return
		}
		if tied && used[counterOf(t, c)] {
			t.Error("a message key was used again")
		}
		used[counterOf(t, c)] = true
		back = append(back, c)
	}
	first := send()
	if random.IntN(2) == 0 {
		v.twins(t, first, first)
	} else {
		opened(t, "x")(v.names[0].open(first))
		v.copies(t)
	}
	opens[counterOf(t, first)] = 1
	step := func() {
		switch random.IntN(5) {
		case 0:
			send()
		case 1, 2:
			receive(flying[random.IntN(len(flying))])
		case 3:
			answer()
		case 4:
			if len(back) > 0 {
				v.peer.open(back[random.IntN(len(back))])
			}
		}
	}
	for range random.IntN(40) {
		step()
	}
	a, b := v.names[0].record(t), v.names[1].record(t)
	kind = relation(a.Current, b.Current)
	v.tie(t)
	tied = true
	if kind == "unknown" {
		return kind
	}
	if err := receive(send()); err != nil {
		t.Errorf("%s: what the peer sealed after the tie does not open: %v", kind, err)
	}
	for range random.IntN(40) {
		step()
	}
	if err := receive(send()); err != nil {
		t.Errorf("%s: what the peer sealed later does not open: %v", kind, err)
	}
	return kind
}

// relation is how two sessions of one handshake stand to each other.
func relation(a, b *sessiontest.State) string {
	knows := func(s, other *sessiontest.State) bool {
		newest := other.Receivers[len(other.Receivers)-1].Ratchet
		return slices.ContainsFunc(s.Receivers, func(c sessiontest.ReceiverChain) bool { return c.Ratchet == newest })
	}
	forgot := func(s *sessiontest.State) bool { return len(s.Receivers) == sessiontest.MaxReceivers }
	switch {
	case a.Sender.Public == b.Sender.Public:
		return "same"
	case knows(a, b) && knows(b, a):
		return "apart"
	case knows(a, b):
		return "ahead"
	case knows(b, a):
		return "behind"
	case forgot(a) && forgot(b):
		return "unknown"
	case forgot(a):
		return "ahead"
	case forgot(b):
		return "behind"
	}
	return "apart"
}
