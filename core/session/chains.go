package session

import (
	"encoding/binary"

	"libcallkey/core/secret"
)

// The chains row of a record has what an ordinary message changes, in chainsBytes whatever else there is:
//
//	16 bytes  the mark that it shares with its session row
//	32 bytes  the key of the current state's sending chain
//	 4 bytes  its index, big-endian
//	32 bytes  the key of the current state's newest receiving chain; zero: there is none
//	 4 bytes  its index
//
// The session row does not have these two keys: one that was left there would be used again by whoever reads
// the session row alone, and would open every message since.
const (
	chainsBytes = len(mark{}) + 2*chainKeyBytes

	chainKeyBytes = 32 + 4
)

// chainAway reports whether the key of receiving chain i is in the chains row.
func (s *state) chainAway(i int, f form) bool { return f == bare && i == len(s.receivers)-1 }

// newest returns the newest receiving chain, nil if there is none.
func (s *state) newest() *receiverChain {
	if len(s.receivers) == 0 {
		return nil
	}
	return &s.receivers[len(s.receivers)-1]
}

// complete returns MALFORMED if a chain has no key.
func (s *state) complete() error {
	if secret.IsZero(s.sender.chain.key[:]) {
		return malformed("sending chain has no chain key")
	}
	for i := range s.receivers {
		if secret.IsZero(s.receivers[i].chain.key[:]) {
			return malformed("receiving chain has no chain key")
		}
	}
	return nil
}

// encodeChains writes the chains row of a record that has a current state.
func (r *Record) encodeChains(b []byte) []byte {
	b = append(b, r.chains[:]...)
	b = appendChainKey(b, &r.current.sender.chain)
	if c := r.current.newest(); c != nil {
		return appendChainKey(b, &c.chain)
	}
	return appendChainKey(b, new(chainKey))
}

func appendChainKey(b []byte, c *chainKey) []byte {
	return binary.BigEndian.AppendUint32(append(b, c.key[:]...), c.index)
}

// decodeChains reads the chains row into a record whose session row has its mark.
func (r *Record) decodeChains(b []byte) error {
	switch {
	case len(b) == 0:
		return malformed("a session's chains are gone")
	case len(b) != chainsBytes:
		return malformed("a session's chains row has the wrong length")
	case mark(b) != r.chains: // public: a mark is no secret
		return malformed("a session's chains are of another time")
	}
	s := r.current
	keys := b[len(mark{}):]
	s.sender.chain.read(keys)
	if c := s.newest(); c != nil {
		c.chain.read(keys[chainKeyBytes:])
	}
	return s.complete()
}

func (c *chainKey) read(b []byte) {
	copy(c.key[:], b)
	c.index = binary.BigEndian.Uint32(b[len(c.key):])
}

// lacksChains reports whether the current state lacks exactly the keys that are in a chains row.
func (r *Record) lacksChains() bool {
	s := r.current
	if s == nil || !secret.IsZero(s.sender.chain.key[:]) {
		return false
	}
	for i := range s.receivers {
		if secret.IsZero(s.receivers[i].chain.key[:]) != s.chainAway(i, bare) {
			return false
		}
	}
	return true
}

// calmAfter reports whether a message that made next of the state from changed no more than the chains row
// has. What the two states are compared by was in messages, or tells no more than that.
func calmAfter(from, next *state) bool {
	if next.sender.public != from.sender.public || next.pending != from.pending || next.stale != from.stale || // public: ratchet keys
		len(next.receivers) != len(from.receivers) {
		return false
	}
	for i := range next.receivers {
		a, b := &from.receivers[i], &next.receivers[i]
		most := uint32(0) // that the chain moved
		if i == len(next.receivers)-1 {
			most = 1
		}
		if b.chain.index-a.chain.index > most || a.ratchet != b.ratchet || len(a.skipped) != len(b.skipped) || a.away != b.away { // public: sent in messages
			return false
		}
	}
	return true
}

// calm reports whether the session row says what it said when it was read: then only the chains row is
// written. It is so after a message that found its keys where the last ones left the chains; not after a
// turn of the ratchet, a skipped message, or the first answer.
func (r *Record) calm() bool {
	hasRow := r.chains != mark{}            // public: a mark is no secret
	unread := r.apart == (r.mark != mark{}) // public: the same
	return r.quiet && hasRow && unread && !r.current.pending.undated
}

// hasChains reports whether the rows have a chains row, so that sealing changes only that one.
func (row *Row) hasChains() bool {
	if row.Ready {
		return row.Record.chains != mark{} // public: a mark is no secret
	}
	return row.Chains != nil
}

// nextOf reports whether a message that opens will leave the record calm, as far as its head tells: it is the
// next one of the newest chain.
func (r *Record) nextOf(m *message) bool {
	s := r.current
	if s == nil || s.pending.unacknowledged || r.chains == (mark{}) { // public: a mark is no secret
		return false
	}
	c := s.newest()
	return c != nil && c.ratchet == m.ratchet && c.chain.index == m.counter // public: sent in messages
}
