package signal

import "slices"

// A record should hold one state of a handshake. Two get there when one device had two names:
// version 0.2 opened a first message under each name that it came under, an app copies a
// session from a number to a LID, and then the names become one. Records of other clients
// can hold two as well. What one of the two has opened must not open in the other, and
// neither may seal with a message key that the other may have used.
//
// What a state can open lies in its receiving chains and in its root; what it seals with, in
// its sending chain, which begins with a ratchet key that the state makes at random each
// time the peer turns the ratchet. So for two states of one handshake:
//
//   - One ratchet key of our own: it is one session, copied since the last turn. Together they
//     are one state, with the sending chain as far on as either has it. No counter is used
//     again, whichever sealed more.
//   - One of them knows the peer's newest ratchet key that the other knows, and a newer one:
//     it is ahead. The other is dropped. It can't open what the first could not, as the
//     peer turned on from there; and its sending chain may be one that the first used up
//     before its last turns.
//   - Neither is ahead: they went apart, each on a ratchet key of its own that no message has
//     answered. No key of one is a key of the other, so neither can repeat a counter. Which
//     one the peer will answer nobody knows: both stay. The one that sealed more seals on. The
//     other is archived without the chains that both have. What is left to it is the answer to
//     what it sealed; that makes a turn, so it does not seal with its old chain. When either is
//     answered the other is over: settle drops it.
//   - Five turns or more lie between them and both have forgotten older chains: nobody can say
//     which one is ahead. Either may be the copy whose keys the other used: both go.
//
// A chain that two states have is joined into one: as far on as either went, with the keys of
// those skipped messages that neither opened.

// sameHandshake tells whether two states began as one session.
func sameHandshake(a, b *state) bool {
	if a.remoteIdentity != b.remoteIdentity || a.localIdentity != b.localIdentity { // public: identity keys
		return false
	}
	if a.baseKey == [32]byte{} || b.baseKey == [32]byte{} { // public: sent in messages
		return a.sender.public == b.sender.public // public: ratchet keys
	}
	return a.baseKey == b.baseKey // public: sent in messages
}

// distinct makes one state of those of one handshake, where it can.
func (r *record) distinct() {
	all := record{current: r.current, archived: r.archived}
	for _, s := range all.states() {
		s.distinct()
	}
	r.current, r.archived = nil, nil
	r.merge(&all)
}

// distinct keeps one chain of each ratchet key, and of the keys of skipped messages one for
// each message that its chain has passed. With any other a message would open twice: by the
// kept key and by the chain's.
func (s *state) distinct() {
	chains := map[[32]byte]bool{}
	s.receivers = slices.DeleteFunc(s.receivers, func(c receiverChain) bool {
		had := chains[c.ratchet]
		chains[c.ratchet] = true
		if had {
			c.wipe()
		}
		return had
	})
	for i := range s.receivers {
		c := &s.receivers[i]
		kept := map[uint32]bool{}
		c.skipped = slices.DeleteFunc(c.skipped, func(k messageKeys) bool {
			superfluous := kept[k.index] || k.index >= c.chain.index
			kept[k.index] = true
			return superfluous
		})
	}
}

// order is how two states of one handshake stand to each other.
type order int

const (
	same    order = iota // one session at one turn of the ratchet
	ahead                // the first went on from where the second is
	behind               // the other way round
	apart                // neither went on from where the other is
	unknown              // nobody can say any more
)

func (a *state) compare(b *state) order {
	if a.sender.public == b.sender.public { // public: ratchet keys
		return same
	}
	switch has, had := a.reached(b), b.reached(a); {
	case has && had:
		return apart
	case has:
		return ahead
	case had:
		return behind
	}
	// A state with room for more chains has forgotten none: its whole history is shorter than
	// what a full one remembers.
	switch full, fullToo := len(a.receivers) == maxReceivers, len(b.receivers) == maxReceivers; {
	case full && fullToo:
		return unknown
	case full:
		return ahead
	case fullToo:
		return behind
	}
	return apart
}

// reached tells that a knows the peer's newest ratchet key that b knows.
func (a *state) reached(b *state) bool {
	n := len(b.receivers)
	return n > 0 && a.receiver(&b.receivers[n-1].ratchet) >= 0
}

// sealsBefore tells which of two states that went apart seals on: the one that sealed more,
// but none of an old copy, and none whose receiving chains went to another, which has to be
// answered first.
func (a *state) sealsBefore(b *state) bool {
	switch {
	case len(a.receivers) == 0 || len(b.receivers) == 0:
		return len(a.receivers) > 0
	case a.stale != b.stale:
		return b.stale
	}
	return a.sender.chain.index > b.sender.chain.index
}

// join lets s open only what other did not open either, and takes the chains that both have
// from other.
func (s *state) join(other *state) {
	// At one turn pending is the same, too: the peer's first answer makes a turn.
	if s.sender.public == other.sender.public { // public: ratchet keys
		if other.sender.chain.index > s.sender.chain.index {
			s.sender.chain = other.sender.chain
		}
		s.stale = s.stale || other.stale
	}
	for i := range s.receivers {
		if j := other.receiver(&s.receivers[i].ratchet); j >= 0 {
			s.receivers[i].join(&other.receivers[j])
			other.receivers = slices.Delete(other.receivers, j, j+1)
		}
	}
}

func (c *receiverChain) join(other *receiverChain) {
	if other.chain.index > c.chain.index {
		*c, *other = *other, *c
	}
	c.skipped = slices.DeleteFunc(c.skipped, func(k messageKeys) bool {
		unused := k.index >= other.chain.index ||
			slices.ContainsFunc(other.skipped, func(o messageKeys) bool { return o.index == k.index })
		return !unused
	})
	other.wipe()
}

// merge takes the states of another record of the same device behind its own.
func (r *record) merge(other *record) {
	for _, s := range other.states() {
		r.add(s, s == other.current)
	}
	if len(r.archived) > maxArchived {
		for _, s := range r.archived[maxArchived:] {
			s.wipe()
		}
		r.archived = r.archived[:maxArchived]
	}
}

// add takes in a state that may be of a handshake that the record has.
func (r *record) add(s *state, current bool) {
	i := slices.IndexFunc(r.states(), func(own *state) bool { return sameHandshake(own, s) })
	switch {
	case i < 0 && current && r.current == nil:
		r.current = s
		return
	case i < 0 && current && r.current.stale && !s.stale:
		r.promote(nil, s)
		return
	case i < 0:
		r.archived = append(r.archived, s)
		return
	}
	own := r.states()[i]
	first, second := own, s
	order := own.compare(s)
	if order == behind || order == apart && s.sealsBefore(own) {
		first, second = s, own
	}
	switch order {
	case unknown:
		r.replace(own)
	case apart:
		first.join(second)
		r.replace(own, first, second)
		return
	default:
		first.join(second)
		r.replace(own, first)
	}
	second.wipe()
	if order == unknown {
		first.wipe()
	}
}

// replace puts states where one was: the first of them seals if that one did.
func (r *record) replace(was *state, states ...*state) {
	at := slices.Index(r.archived, was)
	switch {
	case at >= 0:
		r.archived = slices.Replace(r.archived, at, at+1, states...)
	case len(states) == 0:
		r.current = nil
	default:
		r.current = states[0]
		r.archived = slices.Insert(r.archived, 0, states[1:]...)
	}
}

// settle drops the states that went apart from the current one, after the peer answered that:
// it will never answer them. What they could still open the current one can.
func (r *record) settle() {
	s := r.current
	r.archived = slices.DeleteFunc(r.archived, func(over *state) bool {
		if !sameHandshake(s, over) {
			return false
		}
		s.join(over)
		s.receivers = slices.Concat(over.receivers, s.receivers) // the newest last
		for len(s.receivers) > maxReceivers {
			s.receivers[0].wipe()
			s.receivers = slices.Delete(s.receivers, 0, 1)
		}
		*over = state{} // its chains live on
		return true
	})
}
