package store

import "libcallkey/core/secret"

// stagedChanges are the changes of a transaction in the order of their staging, one for each
// record. A short list is searched; a long one, like that of an import, has an index.
type stagedChanges struct {
	list  []stagedChange
	index map[stagedName]int // nil: the list is short
}

const (
	// maxSearched is the length of the longest list that is searched: enough for the four rows of
	// each device in a part of a fan-out.
	maxSearched = 4 * Batch
	// maxRoom is the most memory for a sealed row, in bytes, that the next transaction uses again.
	maxRoom = 4 << 10
)

type stagedName struct {
	table Table
	name  string
}

type stagedChange struct {
	name   string // of the record
	value  []byte // as put, nil: deleted
	row    change // as it will be written; without sealing it shares value
	unmade bool   // row has no value yet: seal makes it
	room   []byte // for a sealed row, from the transaction before
}

func (c *stagedChange) wipe() {
	secret.Wipe(c.value)
	secret.Wipe(c.row.value) // a plaintext store's row contains the record
}

// find returns the change of a record, nil if there is none. It is valid until the next slot.
func (s *stagedChanges) find(t Table, name string) *stagedChange {
	if s.index != nil {
		if i, ok := s.index[stagedName{t, name}]; ok {
			return &s.list[i]
		}
		return nil
	}
	for i := range s.list {
		if c := &s.list[i]; c.row.table == t && c.name == name {
			return c
		}
	}
	return nil
}

// slot returns the place for a record's change, with the table and the name of the record. What
// was staged there is wiped; then the name of the row is there too.
func (s *stagedChanges) slot(t Table, name string) *stagedChange {
	if had := s.find(t, name); had != nil {
		had.wipe()
		return had
	}
	n := len(s.list)
	if n < cap(s.list) {
		s.list = s.list[:n+1] // with its room
	} else {
		s.list = append(s.list, stagedChange{})
	}
	c := &s.list[n]
	c.name, c.row.table = name, t
	switch {
	case s.index != nil:
		s.index[stagedName{t, name}] = n
	case n == maxSearched:
		s.index = make(map[stagedName]int, 2*maxSearched)
		for i := range s.list {
			s.index[stagedName{s.list[i].row.table, s.list[i].name}] = i
		}
	}
	return c
}

// seal makes the rows of the records that were put since the last time.
func (s *stagedChanges) seal(by *sealer) {
	for rest := s.list; len(rest) > 0; {
		n := min(len(rest), maxSealed)
		by.sealAll(rest[:n])
		rest = rest[n:]
	}
}

// reset forgets all changes, which are wiped. It keeps memory for the next transaction, but not
// that of a large one.
func (s *stagedChanges) reset() {
	if s.index != nil {
		*s = stagedChanges{}
		return
	}
	for i := range s.list {
		c := &s.list[i]
		room := c.room
		if cap(room) > maxRoom {
			room = nil
		}
		*c = stagedChange{room: room}
	}
	s.list = s.list[:0]
}
