package session

import (
	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/protobuf"
)

// The archive row of a record. It is read only for a message that the other rows can't open alone, and
// written only when it changes.
const archiveChain = 1003 // a chain of the current state, with its skipped keys only

// archiveHint is an upper bound for encodeArchive, 0 if there is nothing for it.
func (r *Record) archiveHint() (n int) {
	for _, s := range r.archived {
		n += s.size(seeds)
	}
	if r.current != nil {
		for i := range r.current.receivers {
			if c := &r.current.receivers[i]; len(c.skipped) > 0 {
				size := c.archivedSize()
				n += protowire.SizeTag(archiveChain) + protowire.SizeVarint(uint64(size)) + size
			}
		}
	}
	if n > 0 {
		n += markMax
	}
	return n
}

// archivedSize is the size of an archiveChain's content.
func (c *receiverChain) archivedSize() int { return protobuf.PublicKeyBytes + c.skippedSize(seeds) }

func (r *Record) encodeArchive(b []byte) []byte {
	e := protobuf.Encoder{B: b}
	e.Bytes(recordMark, r.mark[:])
	for _, s := range r.archived {
		s.encode(&e, recordPrevious, seeds)
	}
	if r.current == nil {
		return e.B
	}
	for i := range r.current.receivers {
		c := &r.current.receivers[i]
		if len(c.skipped) > 0 {
			e.Message(archiveChain, c.archivedSize())
			e.PublicKey(chainRatchet, &c.ratchet)
			c.encodeSkipped(&e, seeds)
		}
	}
	return e.B
}

// away returns the number of skipped keys that are elsewhere.
func (r *Record) away() (n int) {
	for _, s := range r.states() {
		for i := range s.receivers {
			n += int(s.receivers[i].away)
		}
	}
	return n
}

// Apart reports whether the record has an archive that was not read. Without it the record can
// seal; what else it can do, its methods say.
func (r *Record) Apart() bool { return r.apart }

// DecodeArchive reads the archive row of a record that is Apart. stale: the row is from an old copy
// of the store. now is Decode's. Errors: MALFORMED (it is damaged, or of another time than the
// session row), UNSUPPORTED.
func (r *Record) DecodeArchive(b []byte, stale bool, now int64) error {
	return erasing(func() error { return r.decodeArchive(b, stale, now) })
}

func (r *Record) decodeArchive(b []byte, stale bool, now int64) error {
	switch {
	case len(b) == 0:
		return malformed("a session's archive is gone")
	case len(b) > maxRecordBytes:
		return malformed("session archive is over 4 MiB")
	}
	var its mark
	err := protobuf.Fields(b, func(f protobuf.Field) error {
		switch f.Number {
		case recordMark:
			return its.decode(f)
		case recordPrevious:
			return r.decodeState(f, now)
		case archiveChain:
			return r.decodeKeysOfChain(f)
		case recordCurrent:
			return malformed("a session row is in the place of its archive")
		}
		return protobuf.Unknown("session archive")
	})
	switch {
	case err != nil:
		return err
	case its != r.mark: // public: a mark is no secret
		return malformed("a session's archive is of another time")
	case r.away() > 0:
		return malformed("session archive lacks keys of skipped messages")
	}
	r.apart, r.kin = false, false
	for _, s := range r.archived {
		s.stale = s.stale || stale
	}
	return nil
}

func (r *Record) decodeKeysOfChain(f protobuf.Field) error {
	var body []byte
	if err := f.Bytes(&body); err != nil {
		return err
	}
	var c receiverChain
	err := protobuf.Fields(body, func(f protobuf.Field) error {
		switch f.Number {
		case chainRatchet:
			return f.PublicKey(&c.ratchet)
		case chainMessageKeys:
			return c.decodeSkipped(f, len(body))
		}
		return protobuf.Unknown("chain of a session archive")
	})
	if err == nil {
		err = r.takeKeys(&c)
	}
	if err != nil {
		c.wipe()
	}
	return err
}

// takeKeys moves the skipped keys of a chain to the one of the current state.
func (r *Record) takeKeys(from *receiverChain) error {
	if r.current != nil {
		for i := range r.current.receivers {
			to := &r.current.receivers[i]
			if to.ratchet == from.ratchet && to.skipped == nil && len(from.skipped) == int(to.away) { // public: sent in messages
				to.skipped, to.away = from.skipped, 0
				return nil
			}
		}
	}
	return malformed("session archive has keys of skipped messages that its session lacks")
}

// enough reports whether a record that is Apart may open a message without its archive: as the
// next one of a chain, or as the first one of a new chain for which no key leaves the archive.
// Such a message takes no step of a chain, so a failure costs little.
func (r *Record) enough(m *message) bool {
	s := r.current
	if s == nil {
		return false
	}
	if i := s.receiver(&m.ratchet); i >= 0 {
		return m.counter == s.receivers[i].chain.index
	}
	drops := len(s.receivers) == maxReceivers && s.receivers[0].away > 0
	return m.counter == 0 && !r.kin && !drops
}
