package session

// RecordBytes is the memory of a record that is Keepable.
const RecordBytes = 2 << 10

// Keepable reports whether a record is exactly what its session and chains rows, once written, decode to, then
// and later: then a program may keep it in memory and not read them the next time. One with an
// archive that was read is not, and the next message reads its rows again.
func (r *Record) Keepable() bool {
	if r.current == nil || r.archiveHint() > 0 || r.apart != (r.mark != mark{}) { // public: a mark is no secret
		return false
	}
	if p := &r.current.pending; p.unacknowledged && !inSeconds(p.since) {
		return false // read again, it counts from then on
	}
	for i := range r.current.receivers {
		r.current.receivers[i].skipped = nil // all used: wiped, and perhaps large
	}
	return true
}
