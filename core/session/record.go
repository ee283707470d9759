package session

import (
	"slices"
	"sync"
)

// Limits of a session record. They are those of every Signal client, except maxJump:
// others accept a counter up to 25,000 ahead, so one forged message can cost a phone
// tens of milliseconds.
const (
	maxArchived  = 40   // states kept besides the current one
	maxReceivers = 5    // receiving chains kept in a state
	maxSkipped   = 2000 // keys of skipped messages kept in a chain
	maxKept      = 8000 // and in a whole record: a peer can cause at most 750 kB
	maxJump      = 2000 // how far a message may be ahead of its chain
)

// Record has all sessions with one device: the state that seals, nil if there is none,
// and earlier ones, newest first, that can still open.
type Record struct {
	current  *state
	archived []*state
	own      [2]state // memory for two states: the one that was decoded and the one that it becomes

	// Of a record in a store's rows (rows.go).
	mark   mark // of its archive; zero: it has none
	apart  bool // the archive was not read
	kin    bool // and has a state of the current one's handshake
	chains mark // of its chains row; zero: the session row has these keys
	quiet  bool // the last message changed no more than the chains row has
}

// records are reused: a fan-out needs one for every device.
var records = sync.Pool{New: func() any { return new(Record) }}

// NewRecord returns an empty record. Release it.
func NewRecord() *Record { return records.Get().(*Record) }

// Release wipes a record that is no longer in use.
func (r *Record) Release() {
	r.Wipe()
	*r = Record{}
	records.Put(r)
}

// room returns memory for one more state, nil if the record's own is in use.
func (r *Record) room() *state {
	for i := range r.own {
		if s := &r.own[i]; s != r.current && !slices.Contains(r.archived, s) {
			return s
		}
	}
	return nil
}

// states lists the current state, if there is one, and then the archived ones.
func (r *Record) states() []*state {
	if r.current == nil {
		return r.archived
	}
	if len(r.archived) == 0 {
		return []*state{r.current}
	}
	return append([]*state{r.current}, r.archived...)
}

// promote makes s current and archives the state that was; s, or the state it was made from,
// leaves the archive, so that no copy of it can open a message again. A stale one stays
// behind a session that can seal.
func (r *Record) promote(from, s *state) {
	if i := slices.Index(r.archived, from); i >= 0 && s.stale && r.current != nil && !r.current.stale {
		r.archived[i] = s
		return
	}
	r.archived = slices.DeleteFunc(r.archived, func(a *state) bool { return a == from })
	if r.current != nil && r.current != from {
		r.archived = append([]*state{r.current}, r.archived...)
		if len(r.archived) > maxArchived {
			r.archived[maxArchived].wipe()
			r.archived = r.archived[:maxArchived]
		}
	}
	r.current = s
}

// trim drops skipped keys above maxKept: first those of the longest-archived states,
// and in a state those of the oldest chains.
func (r *Record) trim() {
	left := maxKept
	for _, s := range r.states() {
		for i := len(s.receivers) - 1; i >= 0; i-- {
			c := &s.receivers[i]
			if over := len(c.skipped) - left; over > 0 {
				clear(c.skipped[:over])
				c.skipped = c.skipped[over:]
			}
			left -= len(c.skipped)
		}
	}
}

// Wipe clears the sessions of a record that is not released.
func (r *Record) Wipe() {
	if r.current != nil {
		r.current.wipe()
	}
	for _, s := range r.archived {
		s.wipe()
	}
	for i := range r.own {
		r.own[i].wipe()
	}
}
