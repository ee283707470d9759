package session

import (
	"slices"

	"libcallkey/core/curve"
	"libcallkey/core/kdf"
	"libcallkey/core/status"
)

// Budget is the limit of chain steps for one message over all states that could have
// received it: twice the longest honest jump. The first state may use half of it; so a
// forged counter can't cause two thousand steps in each of forty archived states.
type Budget int

// MessageBudget is a whole one, for one message.
const MessageBudget Budget = 2 * maxJump

func (b *Budget) take(steps uint32) error {
	if steps > maxJump || Budget(steps) > *b {
		return status.New(status.TooFar, "message counter is too far ahead")
	}
	*b -= Budget(steps)
	return nil
}

// open tries the states that could have received m, within the budget, and returns the
// advanced copy of the one that did, in room if that is not nil; the record itself is not changed.
// Errors: NO_SESSION, INVALID_KEY, DUPLICATE, TOO_FAR, AUTHENTICATION, MALFORMED.
func open(states []*state, m *message, left *Budget, random Random, room *state) (from, next *state, plaintext []byte, err error) {
	if len(states) == 0 {
		return nil, nil, nil, status.New(status.NoSession, "no session with the sender")
	}
	// A ratchet key that a state has seen belongs to that state: the others need not be
	// tried.
	knows := func(s *state) bool { return s.receiver(&m.ratchet) >= 0 }
	if slices.ContainsFunc(states, knows) {
		if len(states) > 1 {
			states = slices.DeleteFunc(slices.Clone(states), func(s *state) bool { return !knows(s) })
		}
	} else if err := curve.Validate(&m.ratchet); err != nil {
		return nil, nil, nil, status.New(status.InvalidKey, "message's ratchet key: %v", err)
	}
	var worst error
	for _, s := range states {
		next, plaintext, err := s.open(m, left, random, room)
		if err == nil {
			return s, next, plaintext, nil
		}
		if Weight(err) > Weight(worst) {
			worst = err
		}
	}
	if worst == nil {
		worst = status.New(status.Authentication, "message is not from a session with the sender")
	}
	return nil, nil, nil, worst
}

// Weight orders the errors of several states for one message: a state that has seen it
// comes first, and one that could not check it comes before one that found it not
// authentic.
func Weight(err error) int {
	switch status.Of(err) {
	case status.Malformed:
		return 3
	case status.Duplicate:
		return 2
	case status.TooFar:
		return 1
	}
	return 0
}

func (s *state) open(m *message, left *Budget, random Random, room *state) (next *state, plaintext []byte, err error) {
	i := s.receiver(&m.ratchet)
	switch {
	case i < 0:
		return s.openOnNewChain(m, left, random, nil, room)
	case m.counter < s.receivers[i].chain.index:
		return s.openSkipped(i, m, room)
	}
	return s.openOnChain(i, m, left, room)
}

// openSkipped opens a message that later ones overtook.
func (s *state) openSkipped(i int, m *message, room *state) (*state, []byte, error) {
	j := slices.IndexFunc(s.receivers[i].skipped, func(k skippedKey) bool { return k.index == m.counter })
	if j < 0 {
		return nil, nil, status.New(status.Duplicate, "message was opened before")
	}
	keys := s.receivers[i].skipped[j].keys()
	defer keys.wipe()
	plaintext, err := s.decrypt(m, &keys)
	if err != nil {
		return nil, nil, err
	}
	next := s.clone(room)
	c := &next.receivers[i]
	c.skipped = slices.Delete(c.skipped, j, j+1)
	next.pending = pendingPrekey{}
	return next, plaintext, nil
}

// openOnChain opens a message of a known chain.
func (s *state) openOnChain(i int, m *message, left *Budget, room *state) (*state, []byte, error) {
	chain, plaintext, err := s.openAt(s.receivers[i].chain, m, left)
	if err != nil {
		return nil, nil, err
	}
	next := s.clone(room)
	next.receivers[i].pass(chain)
	next.pending = pendingPrekey{}
	return next, plaintext, nil
}

// openOnNewChain makes the ratchet turn for the peer's new key: a receiving chain, and
// with a new key of our own a sending chain.
func (s *state) openOnNewChain(m *message, left *Budget, random Random, t *turn, room *state) (*state, []byte, error) {
	if err := left.take(m.counter); err != nil {
		return nil, nil, err
	}
	*left += Budget(m.counter) // openAt takes it again
	root := s.root
	defer clear(root[:])
	chain, err := t.receive(&root, &s.sender.private, &m.ratchet)
	if err != nil {
		return nil, nil, err
	}
	walked, plaintext, err := s.openAt(chain, m, left)
	if err != nil {
		return nil, nil, err
	}
	next := s.clone(room)
	received := receiverChain{ratchet: m.ratchet}
	received.pass(walked)
	next.receivers = append(next.receivers, received)
	if len(next.receivers) > maxReceivers {
		next.receivers[0].wipe()
		next.receivers = slices.Delete(next.receivers, 0, 1)
	}
	// The last counter used on the old chain; 0 also if none was.
	next.previousCounter = max(s.sender.chain.index, 1) - 1
	if err := t.send(&next.sender, &root, &m.ratchet, random); err != nil {
		clear(plaintext)
		next.wipe()
		return nil, nil, err
	}
	next.root = root
	next.pending = pendingPrekey{}
	return next, plaintext, nil
}

// walk is the way along a chain past a message: the chain there, and the keys that it had before the
// message's.
// A forged message costs one HMAC for each step. The second, for the seed, is for a genuine one.
type walk struct {
	chain  chainKey
	passed [][32]byte
}

// openAt opens a message by the key that the chain has at its counter.
func (s *state) openAt(chain chainKey, m *message, left *Budget) (w walk, plaintext []byte, err error) {
	steps := m.counter - chain.index
	if err := left.take(steps); err != nil {
		return w, nil, err
	}
	if steps > 0 {
		w.passed = make([][32]byte, steps)
	}
	for i := range w.passed {
		w.passed[i] = chain.key
		chain.step()
	}
	keys := chain.take()
	defer keys.wipe()
	w.chain = chain
	if plaintext, err = s.decrypt(m, &keys); err != nil {
		clear(w.passed)
		return walk{}, nil, err
	}
	return w, plaintext, nil
}

// pass moves the chain past the message that it was walked to, and keeps the seeds of earlier
// messages, which may still arrive.
func (c *receiverChain) pass(w walk) {
	c.reserve(len(w.passed))
	first := w.chain.index - 1 - uint32(len(w.passed))
	for i := range w.passed {
		key := &w.passed[i]
		kdf.HMAC(key, key[:], messageSeed)
		c.skipped = append(c.skipped, seedOf(key, first+uint32(i)))
	}
	clear(w.passed)
	c.chain = w.chain
}

func (s *state) decrypt(m *message, keys *messageKeys) ([]byte, error) {
	if !m.authentic(keys, s) {
		return nil, status.New(status.Authentication, "message is not from a session with the sender")
	}
	plaintext := m.room
	if m.room = nil; plaintext == nil {
		plaintext = make([]byte, len(m.body))
	}
	return decryptBody(plaintext, keys, m.body)
}

// clone returns a deep copy, in room if that is not nil.
func (s *state) clone(room *state) *state {
	c := room
	if c == nil {
		c = new(state)
	}
	*c = *s
	c.receivers = append(c.room[:0], s.receivers...)
	for i := range c.receivers {
		c.receivers[i].skipped = slices.Clone(c.receivers[i].skipped)
	}
	return c
}
