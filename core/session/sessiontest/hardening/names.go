package hardening

import (
	"fmt"
	"libcallkey/core/session"
	"libcallkey/core/session/sessiontest"
	"math/rand/v2"
	"slices"
	"testing"

	"libcallkey/core/status"
)

// twoNames is a device that we keep two sessions of one handshake with: under its LID and
// under its phone number.
type twoNames struct {
	peer  Device
	names [2]Device // the LID and the number
}

func newTwoNames(t testing.TB, d Device) twoNames {
	t.Helper()
	us := d.New(t)
	v := twoNames{d.New(t), [2]Device{us.At("222_1:3"), us.At("15550001:3")}}
	MustBegin(t, v.peer, withoutOneTime(t, us))
	return v
}

// twins opens a first message under both names, as version 0.2 did. Then each session has a
// ratchet key of its own.
func (v twoNames) twins(t testing.TB, number, lid session.Ciphertext) {
	t.Helper()
	if _, err := v.names[1].Open(number); err != nil {
		t.Fatal(err)
	}
	v.names[0].ForgetFirstMessages(t)
	if _, err := v.names[0].Open(lid); err != nil {
		t.Fatal(err)
	}
	v.names[0].ForgetFirstMessages(t)
}

// copies copies the LID's session to the number, as an app can.
func (v twoNames) copies(t testing.TB) {
	t.Helper()
	encoded, err := v.names[0].Record()
	if err == nil {
		err = v.names[1].Import(encoded)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// tie makes the two names one.
func (v twoNames) tie(t testing.TB) {
	t.Helper()
	tie(t, v.names[0], v.names[1])
}

// counterOf names the message key of a ciphertext.
func counterOf(t testing.TB, c session.Ciphertext) string {
	t.Helper()
	m := sessiontest.ParseMessage(t, c.Prekey, c.Bytes)
	return fmt.Sprintf("%x %d", m.Ratchet, m.Counter)
}

// TwinsOfOneFirstMessage: a first message was opened under the number and under the LID, which
// version 0.2 let happen, and then both became one device. It must go on with the session that
// the peer knows, whichever it is, and open every message once.
func TwinsOfOneFirstMessage(t *testing.T, d Device) {
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
			v := newTwoNames(t, d)
			var sent []session.Ciphertext
			for i := range 7 {
				sent = append(sent, seal(t, v.peer, fmt.Sprint(i)))
			}
			v.twins(t, sent[0], sent[0])
			Opened(t, "2")(v.names[number].Open(sent[2]))
			Opened(t, "4")(v.names[lid].Open(sent[4]))
			var answers []session.Ciphertext
			for i, name := range c.answered {
				answers = append(answers, seal(t, v.names[name], fmt.Sprint("answer ", i)))
			}
			v.tie(t)
			for _, i := range []int{0, 2, 4} {
				Refuses(t, v.names[lid], sent[i], status.Duplicate)
			}
			for _, i := range []int{1, 3, 5} { // neither has opened it
				Opened(t, fmt.Sprint(i))(v.names[number].Open(sent[i]))
				Refuses(t, v.names[lid], sent[i], status.Duplicate)
			}
			if err := v.names[lid].CanSeal(); err != nil {
				t.Fatalf("no session after the tie: %v", err)
			}
			if c.heard >= 0 {
				Opened(t, fmt.Sprint("answer ", c.heard))(v.peer.Open(answers[c.heard]))
				if c.seals {
					Opened(t, "before")(v.peer.Open(seal(t, v.names[lid], "before")))
				}
				Opened(t, "next")(v.names[lid].Open(seal(t, v.peer, "next")))
				if n := len(Record(t, v.names[lid]).States()); n != 1 {
					t.Fatalf("%d states after the peer answered one", n)
				}
			}
			Opened(t, "6")(v.names[number].Open(sent[6])) // late, on a chain before the turn
			for i := range 2 * sessiontest.MaxReceivers {
				text := fmt.Sprint("turn ", i)
				Opened(t, text)(v.peer.Open(seal(t, v.names[number], text)))
				Opened(t, text)(v.names[lid].Open(seal(t, v.peer, text)))
				for _, old := range sent {
					Refuses(t, v.names[lid], old, status.Duplicate, status.Authentication)
				}
			}
		})
	}
}

// TwinsAreExported: an export after the tie takes both along: the peer may answer either.
func TwinsAreExported(t *testing.T, d Device) {
	v := newTwoNames(t, d)
	first := seal(t, v.peer, "first")
	v.twins(t, first, first)
	answers := []session.Ciphertext{seal(t, v.names[0], "0"), seal(t, v.names[1], "1")}
	v.tie(t)
	for i, answer := range answers {
		peer, moved := copied(t, v.peer), copied(t, v.names[0])
		Opened(t, fmt.Sprint(i))(peer.Open(answer))
		Opened(t, "back")(moved.Open(seal(t, peer, "back")))
		Opened(t, "there")(peer.Open(seal(t, moved, "there")))
		Refuses(t, moved, first, status.Duplicate)
	}
}

// copied is another device with the session.
func copied(t testing.TB, d Device) Device {
	t.Helper()
	encoded, err := d.Record()
	if err != nil {
		t.Fatal(err)
	}
	c := d.New(t)
	if err := c.Import(encoded); err != nil {
		t.Fatal(err)
	}
	return c
}

// merge is the record of a device and of its alias, when they become one.
func merge(t *testing.T, d Device, own, other *sessiontest.Record) *sessiontest.Record {
	t.Helper()
	us := d.New(t)
	to, from := us.At("1:1"), us.At("2:1")
	for at, r := range map[Device]*sessiontest.Record{to: own, from: other} {
		if err := at.Trust(&r.Current.RemoteIdentity); err != nil {
			t.Fatal(err)
		}
		at.SetRecord(t, r.Encode())
	}
	tie(t, to, from)
	return Record(t, to)
}

// TwinWithoutChainsDoesNotSeal: a state whose chains went to its twin has to be answered before
// it seals: elsewhere it may have gone on.
func TwinWithoutChainsDoesNotSeal(t *testing.T, d Device) {
	v := newTwoNames(t, d)
	first := seal(t, v.peer, "first")
	v.twins(t, first, first)
	for range 3 {
		seal(t, v.names[1], "answer")
	}
	for _, behind := range []bool{false, true} {
		whole, bare := Record(t, v.names[0]), Record(t, v.names[1])
		bare.Current.Receivers = nil
		r, other := whole, bare
		if behind {
			r, other = bare, whole
		}
		merged := merge(t, d, r, other)
		if len(merged.States()) != 2 || merged.Current.Sender.Public != whole.Current.Sender.Public {
			t.Fatalf("%d states, and the current one has %d chains", len(merged.States()), len(merged.Current.Receivers))
		}
	}
}

// TwinOfAnOldCopy: a session of an old copy of the store seals nothing. Of two that become one it
// does not take that from the other, and what is a copy of it does not seal either.
func TwinOfAnOldCopy(t *testing.T, d Device) {
	v := newTwoNames(t, d)
	first := seal(t, v.peer, "first")
	v.twins(t, first, first)
	for range 3 {
		seal(t, v.names[1], "answer")
	}
	MustBegin(t, v.peer, withoutOneTime(t, v.names[0]))
	another := v.names[0].At("another:1")
	Opened(t, "anew")(another.Open(seal(t, v.peer, "anew")))
	for name, c := range map[string]struct {
		own, other             *sessiontest.Record
		ownStale, otherStale   bool
		seals, sealsIsTheOther bool
	}{
		"twins, the alias's is old":  {Record(t, v.names[0]), Record(t, v.names[1]), false, true, true, false},
		"twins, the device's is old": {Record(t, v.names[1]), Record(t, v.names[0]), true, false, true, true},
		"twins, both are old":        {Record(t, v.names[0]), Record(t, v.names[1]), true, true, false, true},
		"a copy of an old one":       {Record(t, v.names[0]), Record(t, v.names[0]), false, true, false, false},
		"an old one of a copy":       {Record(t, v.names[0]), Record(t, v.names[0]), true, false, false, false},
		"two sessions, one is old":   {Record(t, v.names[0]), Record(t, another), true, false, true, true},
		"two sessions, both are old": {Record(t, v.names[0]), Record(t, another), true, true, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			c.own.Current.Stale, c.other.Current.Stale = c.ownStale, c.otherStale
			want := c.own.Current.Sender.Public
			if c.sealsIsTheOther {
				want = c.other.Current.Sender.Public
			}
			current := merge(t, d, c.own, c.other).Current
			if current.Sender.Public != want || current.Stale == c.seals {
				t.Fatalf("the current session is the other's: %v, stale: %v", current.Sender.Public != want, current.Stale)
			}
		})
	}
}

// TwinThatStayedBehind: the LID's session went on for so long that it has forgotten the chain on
// which the number's twin stayed.
func TwinThatStayedBehind(t *testing.T, d Device) {
	for _, from := range []int{0, 1} {
		v := newTwoNames(t, d)
		first := seal(t, v.peer, "first")
		v.twins(t, first, first)
		talking, stayed := v.names[from], v.names[1-from]
		seal(t, stayed, "never arrives")
		var last session.Ciphertext
		for i := range 2 * sessiontest.MaxReceivers {
			text := fmt.Sprint(i)
			Opened(t, text)(v.peer.Open(seal(t, talking, text)))
			last = seal(t, v.peer, text)
			Opened(t, text)(talking.Open(last))
		}
		late := seal(t, v.peer, "late")
		v.tie(t)
		lid := v.names[0]
		if n := len(Record(t, lid).States()); n != 1 {
			t.Fatalf("%d states", n)
		}
		Refuses(t, lid, last, status.Duplicate)
		Refuses(t, lid, first, status.Duplicate, status.Authentication)
		Opened(t, "late")(lid.Open(late))
		Opened(t, "on")(v.peer.Open(seal(t, lid, "on")))
	}
}

// CopiesOfOneSession: an app that copied a session from a number to a LID, went on with one or
// both, and then says that both are one device, must not fall back to a copy: no message opens
// twice, no message key is used again, and what is under way still opens.
func CopiesOfOneSession(t *testing.T, d Device) {
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
			v := newTwoNames(t, d)
			Opened(t, "1")(v.names[0].Open(seal(t, v.peer, "1")))
			v.copies(t)
			onTheChain := seal(t, v.peer, "on the chain")
			used := map[string]bool{}
			var read []session.Ciphertext
			for _, i := range c.seals {
				used[counterOf(t, seal(t, v.names[i], "sealed"))] = true
			}
			for _, i := range c.opens {
				Opened(t, "on the chain")(v.names[i].Open(onTheChain))
				read = append(read, onTheChain)
			}
			// The peer hears us, and its next message turns the ratchet.
			Opened(t, "hi")(v.peer.Open(hi(t, v, used)))
			turn, after := seal(t, v.peer, "turn"), seal(t, v.peer, "after")
			for _, i := range c.turns {
				Opened(t, "turn")(v.names[i].Open(turn))
				read = append(read, turn)
				answer := seal(t, v.names[i], "answer")
				used[counterOf(t, answer)] = true
			}
			v.tie(t)
			lid := v.names[0]
			before := counterOf(t, seal(t, lid, "before the next turn"))
			if used[before] {
				t.Fatal("a message key was used twice")
			}
			used[before] = true
			for _, c := range read {
				Refuses(t, lid, c, status.Duplicate)
			}
			if len(c.opens) == 0 {
				Opened(t, "on the chain")(lid.Open(onTheChain))
				Refuses(t, lid, onTheChain, status.Duplicate)
			}
			Opened(t, "after")(lid.Open(after))
			for range 3 {
				next := seal(t, lid, "next")
				if used[counterOf(t, next)] {
					t.Fatal("a message key was used twice")
				}
				Opened(t, "next")(v.peer.Open(next))
			}
		})
	}
}

// hi is a message that is sealed on the copy which is further.
func hi(t *testing.T, v twoNames, used map[string]bool) session.Ciphertext {
	t.Helper()
	at := 0
	if Record(t, v.names[1]).Current.Sender.Chain.Index > Record(t, v.names[0]).Current.Sender.Chain.Index {
		at = 1
	}
	c := seal(t, v.names[at], "hi")
	if used[counterOf(t, c)] {
		t.Fatal("the scene itself used a message key twice")
	}
	used[counterOf(t, c)] = true
	return c
}

// CopiesThatNobodyCanOrder: two copies that each went on for more turns than a session remembers:
// either may be the older one. Neither may seal, and the device gets a new session.
func CopiesThatNobodyCanOrder(t *testing.T, d Device) {
	v := newTwoNames(t, d)
	Opened(t, "1")(v.names[0].Open(seal(t, v.peer, "1")))
	v.copies(t)
	other := copied(t, v.peer)
	for _, pair := range [2][2]Device{{v.names[0], v.peer}, {v.names[1], other}} {
		for range 2 * sessiontest.MaxReceivers {
			Opened(t, "there")(pair[1].Open(seal(t, pair[0], "there")))
			Opened(t, "back")(pair[0].Open(seal(t, pair[1], "back")))
		}
	}
	v.tie(t)
	if err := v.names[0].CanSeal(); status.Of(err) != status.NoSession {
		t.Fatalf("after the tie: %v", err)
	}
	if record, err := v.names[0].Record(); status.Of(err) != status.NoSession {
		t.Fatalf("exported %d bytes: %v", len(record), err)
	}
	bundle := v.peer.Bundle(t)
	MustBegin(t, v.names[1], &bundle)
	Opened(t, "again")(v.peer.Open(seal(t, v.names[0], "again")))
}

// AnyHistoryOfTwoNames: any history of two sessions of one handshake, then the tie, then any
// history of the one: no message opens twice, no message key is used again, and a message that
// the peer seals after the tie always opens.
func AnyHistoryOfTwoNames(t *testing.T, d Device) {
	histories := 1000
	if testing.Short() {
		histories = 100
	}
	kinds := map[string]int{}
	for seed := range histories {
		random := rand.New(rand.NewPCG(uint64(seed), 27))
		kind := mixedHistory(t, d, random)
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

func mixedHistory(t *testing.T, d Device, random *rand.Rand) (kind string) {
	v := newTwoNames(t, d)
	var flying []session.Ciphertext // from the peer
	var back []session.Ciphertext   // to the peer
	opens := map[string]int{}
	used := map[string]bool{}
	tied := false
	send := func() session.Ciphertext {
		c := seal(t, v.peer, "x")
		flying = append(flying, c)
		return c
	}
	receive := func(c session.Ciphertext) error {
		_, err := v.names[random.IntN(2)].Open(c)
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
		c, err := v.names[random.IntN(2)].Seal([]byte("y"))
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
		Opened(t, "x")(v.names[0].Open(first))
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
				v.peer.Open(back[random.IntN(len(back))])
			}
		}
	}
	for range random.IntN(40) {
		step()
	}
	a, b := Record(t, v.names[0]), Record(t, v.names[1])
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
