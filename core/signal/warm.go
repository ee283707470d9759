package signal

import (
	"errors"

	"libcallkey/core/session"
	"libcallkey/core/store"
)

// keptSession is what an open store keeps of a device from one message to the next, so that a warm
// message reads and decodes nothing: the record that its session and chains rows have, and the identity
// key that is trusted for it. Every change of these rows drops it.
type keptSession struct {
	record  *session.Record
	trusted []byte // nil: none is known
	// room is the memory of its chains row, for the next one. A transaction has the row there until it ends,
	// and wipes it then; so Wipe leaves it alone.
	room []byte
}

// Wipe does not release the record: its memory stays out of the pool that others take from.
func (k *keptSession) Wipe() { k.record.Wipe() }

// Size is that of a record without skipped keys, which Keepable sees to.
func (k *keptSession) Size() int { return session.RecordBytes + len(k.trusted) + cap(k.room) }

// warm is a device's session while one message changes it. Wipe it.
type warm struct {
	device Device
	row    session.Row // of kept.record
	kept   *keptSession
	taken  bool // the store had kept it

	begun    *session.Beginning // begins before the message; nil: nothing does
	identity *[32]byte          // with whom
	first    bool               // no identity was known for the device
}

// newWarm is the session of a device of which nothing was read yet.
func newWarm(d Device, now int64) warm {
	return warm{device: d, row: session.Row{Now: now, Random: session.System}}
}

// loadWarm takes the session that the store kept of a device, or reads its rows. Errors: STORE,
// STORE_CORRUPT.
func loadWarm(tx *store.Tx, d Device) (w warm, err error) {
	w = newWarm(d, tx.Now())
	if !w.take(tx.Take(string(d))) {
		err = w.read(tx)
	}
	return w, err
}

// take uses what the store kept of the device, and reports whether that is something.
func (w *warm) take(value store.Value) bool {
	if w.kept, w.taken = value.(*keptSession); w.taken {
		w.row.Record, w.row.Ready, w.row.Room = w.kept.record, true, w.kept.room
	}
	return w.taken
}

// read reads the rows of the device, and begins what is to begin. Errors: STORE, STORE_CORRUPT, and those of
// begin.
func (w *warm) read(tx *store.Tx) (err error) {
	if w.begun != nil {
		return w.begin(tx)
	}
	rows, err := readRows(tx, w.device)
	if err != nil {
		return err
	}
	w.row.Session, w.row.Chains, w.row.Stale = rows.Session, rows.Chains, rows.Stale
	trusted, err := loadIdentity(tx, w.device)
	if err != nil {
		w.row.Wipe()
		return err
	}
	w.kept = &keptSession{record: session.NewRecord(), trusted: trusted}
	w.row.Record = w.kept.record
	return nil
}

// begin makes what begins the session of the message. Errors: INVALID_KEY, UNTRUSTED_IDENTITY, STORE,
// STORE_CORRUPT.
func (w *warm) begin(tx *store.Tx) error {
	record, err := loadRecord(tx, w.device)
	if err != nil {
		return err
	}
	w.kept = &keptSession{record: record, trusted: append([]byte(nil), w.identity[:]...)}
	if err := record.Take(w.begun); err != nil {
		return err
	}
	known, err := trusted(tx, w.device, w.identity)
	w.row.Record, w.row.Ready, w.first = record, true, !known
	return err
}

// loadArchive adds the archive row, for another try after ErrArchive.
func (w *warm) loadArchive(tx *store.Tx) (err error) {
	w.row.Archive, w.row.ArchiveStale, err = tx.Read(store.Archives, string(w.device))
	w.row.Read, w.row.Ready = err == nil, true
	return err
}

// stage puts the next rows into the transaction, and the record that they are of beside them.
func (w *warm) stage(tx *store.Tx, next session.Rows) {
	if w.first {
		stageIdentity(tx, w.device, w.identity)
	}
	stageRows(tx, w.device, next)
	if w.kept.record.Keepable() {
		w.kept.room = next.Chains[:0]
		tx.Keep(string(w.device), w.kept)
		w.kept = nil
	}
}

// refused is the error of a message that changed nothing: what the store had kept, it keeps on.
func (w *warm) refused(tx *store.Tx, err error) error {
	if bad, ok := errors.AsType[session.UnreadableError](err); ok {
		return storedError("sessions", bad.Unwrap())
	}
	if w.taken && w.kept.record.Keepable() {
		tx.Return(string(w.device), w.kept)
		w.kept = nil
	}
	return err
}

// wipe wipes what was read, and the session unless the transaction has it.
func (w *warm) wipe() {
	w.row.Wipe()
	if w.kept != nil {
		w.kept.record.Release()
	}
}
