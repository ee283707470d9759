package session

import (
	"slices"

	"libcallkey/core/secret"
)

// A record should have one state per handshake. It gets two if one device had two names:
// version 0.2 opened a first message under each name, or an app copied a session from a
// number to a LID, and then the names become one. Records of other clients can have two as
// well. A message that one of them has opened must not open in the other, and neither may
// seal with a message key that the other may have used.
//
// A state opens messages with its receiving chains and its root. It seals with its sending
// chain, which begins with a random ratchet key that the state makes each time the peer
// turns the ratchet. So for two states of one handshake:
//
//   - Both have the same ratchet key of our own: it is one session, copied since the last
//     turn. They become one state, with the sending chain that is further along. So no counter
//     is used again.
//   - One of them knows the peer's newest ratchet key of the other, and a newer one: it is
//     ahead. The other is dropped. It can't open more than the first, because the peer has
//     turned since; and its sending chain may be one that the first used up before its last
//     turns.
//   - Neither is ahead: they diverged, each with its own ratchet key that no message has
//     answered. They share no keys, so neither can repeat a counter. It is unknown which one
//     the peer will answer, so both stay. The one that sealed more keeps sealing. The other is
//     archived without the chains that both have. It can only open the answer to its own
//     messages; that makes a turn, so it does not seal with its old chain. When one is answered
//     the other is over: settle drops it.
//   - They are five turns or more apart and both have dropped older chains: it is unknown
//     which one is ahead. Either may be the old copy, with keys that the other used: both are
//     dropped.
//
// A chain that two states share becomes one: the position that is further along, with the
// keys of those skipped messages that neither opened.

// sameHandshake reports whether two states began as one session.
func sameHandshake(a, b *state) bool {
	if a.remoteIdentity != b.remoteIdentity || a.localIdentity != b.localIdentity { // public: identity keys
		return false
	}
	if a.baseKey == [32]byte{} || b.baseKey == [32]byte{} { // public: sent in messages
		return a.sender.public == b.sender.public // public: ratchet keys
	}
	return a.baseKey == b.baseKey // public: sent in messages
}

// distinct merges the states of one handshake into one, if it can.
func (r *Record) distinct() {
	all := Record{current: r.current, archived: r.archived}
	for _, s := range all.states() {
		s.distinct()
	}
	r.current, r.archived = nil, nil
	r.merge(&all)
}

// distinct keeps one chain per ratchet key, and one key per skipped message that its chain
// has passed. With more, a message would open twice: with the kept key and with the
// chain's.
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
		c.skipped = slices.DeleteFunc(c.skipped, func(k skippedKey) bool {
			superfluous := kept[k.index] || k.index >= c.chain.index
			kept[k.index] = true
			return superfluous
		})
	}
}

// order is the relation of two states of one handshake.
type order int

const (
	same    order = iota // one session at one turn of the ratchet
	ahead                // the first continued from the second's position
	behind               // the other way round
	apart                // they diverged
	unknown              // it can't be determined any more
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
	// A state with space for more chains has dropped none: its whole history is shorter than
	// the memory of a full one.
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

// reached reports whether a knows b's newest ratchet key of the peer.
func (a *state) reached(b *state) bool {
	n := len(b.receivers)
	return n > 0 && a.receiver(&b.receivers[n-1].ratchet) >= 0
}

// sealsBefore reports which of two diverged states keeps sealing: the one that sealed more,
// but never one of an old copy, and never one that lost its receiving chains to another,
// because it must be answered first.
func (a *state) sealsBefore(b *state) bool {
	switch {
	case len(a.receivers) == 0 || len(b.receivers) == 0:
		return len(a.receivers) > 0
	case a.stale != b.stale:
		return b.stale
	}
	return a.sender.chain.index > b.sender.chain.index
}

// join removes from s the keys of messages that other has opened, and from other the chains
// that both have.
func (s *state) join(other *state) {
	// At the same turn pending is the same too: the peer's first answer makes a turn.
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
	c.skipped = slices.DeleteFunc(c.skipped, func(k skippedKey) bool {
		unused := k.index >= other.chain.index ||
			slices.ContainsFunc(other.skipped, func(o skippedKey) bool { return o.index == k.index })
		return !unused
	})
	other.wipe()
}

// Merge appends the sessions of another record of the same device. They become r's: do not use
// or release the other.
func (r *Record) Merge(other *Record) { secret.Do(func() { r.merge(other) }) }

func (r *Record) merge(other *Record) {
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

// add adds a state; its handshake may be in the record already.
func (r *Record) add(s *state, current bool) {
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

// replace replaces one state with others: the first of them seals if the old one did.
func (r *Record) replace(was *state, states ...*state) {
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

// settle drops the states that diverged from the current one, after the peer answered that:
// it will never answer them. The current one can open everything that they could.
func (r *Record) settle() {
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
