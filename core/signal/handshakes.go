package signal

import "slices"

// A record must hold one state of a handshake. With two, a message that the newer one
// has opened opens once more in the older, and what that seals next uses message keys
// that were used before. Records of other clients can hold two, and so can two names of
// one device that the app copied a session between.

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

// distinct keeps the first state of each handshake: the current one, then the newest.
func (r *record) distinct() {
	for _, s := range r.states() {
		s.distinct()
	}
	var kept []*state
	if r.current != nil {
		kept = append(kept, r.current)
	}
	r.archived = slices.DeleteFunc(r.archived, func(s *state) bool {
		if slices.ContainsFunc(kept, func(k *state) bool { return sameHandshake(k, s) }) {
			s.wipe()
			return true
		}
		kept = append(kept, s)
		return false
	})
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

// ahead tells that a went on from where b is: it knows the peer's newest ratchet key that
// b knows, and has gone further since.
func (a *state) ahead(b *state) bool {
	if len(b.receivers) == 0 {
		return len(a.receivers) > 0 || a.sender.chain.index >= b.sender.chain.index
	}
	newest := &b.receivers[len(b.receivers)-1]
	i := a.receiver(&newest.ratchet)
	if i < 0 || a.receivers[i].chain.index < newest.chain.index {
		return false
	}
	if i < len(a.receivers)-1 {
		return true // a made a turn that b does not know of
	}
	return a.sender.public == b.sender.public && a.sender.chain.index >= b.sender.chain.index // public: ratchet keys
}

// merge takes the states of another record of the same device behind its own. Of two states
// of one handshake it keeps the one that is ahead; when both went on since they were copied,
// neither: whatever one of them sealed next could repeat a message key of the other.
func (r *record) merge(other *record) {
	for _, s := range other.states() {
		i := slices.IndexFunc(r.states(), func(own *state) bool { return sameHandshake(own, s) })
		if i < 0 {
			if r.current == nil && s == other.current {
				r.current = s
			} else {
				r.archived = append(r.archived, s)
			}
			continue
		}
		own := r.states()[i]
		switch {
		case own.ahead(s):
			s.wipe()
		case s.ahead(own):
			r.replace(own, s)
		default:
			r.replace(own, nil)
			s.wipe()
		}
	}
	if len(r.archived) > maxArchived {
		for _, s := range r.archived[maxArchived:] {
			s.wipe()
		}
		r.archived = r.archived[:maxArchived]
	}
}

// replace puts s, or nothing, where own was.
func (r *record) replace(own, s *state) {
	if r.current == own {
		r.current = s
	} else if i := slices.Index(r.archived, own); s != nil {
		r.archived[i] = s
	} else {
		r.archived = slices.Delete(r.archived, i, i+1)
	}
	own.wipe()
}
