package signal

import (
	"time"

	"libcallkey/core/secret"
	"libcallkey/core/session"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// A device's session record is in three rows (session.Rows): store.Chains has what each message changes,
// store.Sessions what a turn of the ratchet does, store.Archives the rest, if there is any. The
// device's lock is that of all.

// readRows reads the rows of a device but its archive. Wipe them. Errors: STORE, STORE_CORRUPT, UNSUPPORTED.
func readRows(tx *store.Tx, d Device) (row session.Row, err error) {
	if row.Session, row.Stale, err = tx.Read(store.Sessions, string(d)); err != nil || row.Session == nil {
		return row, err
	}
	var stale bool
	if row.Chains, stale, err = tx.Read(store.Chains, string(d)); err != nil {
		row.Wipe()
		return session.Row{}, err
	}
	row.Stale = row.Stale || stale
	return row, nil
}

// loadSession returns a device's session record without its archive, empty if it has none.
// Release it. Errors: STORE, STORE_CORRUPT, UNSUPPORTED.
func loadSession(tx *store.Tx, d Device) (*session.Record, error) {
	row, err := readRows(tx, d)
	if err != nil {
		return nil, err
	}
	defer row.Wipe()
	r := session.NewRecord()
	if err := decodeRows(r, &row); err != nil {
		r.Release()
		return nil, err
	}
	return r, nil
}

// loadRecord returns a device's whole session record, empty if it has none. Release it.
// Errors: STORE, STORE_CORRUPT, UNSUPPORTED.
func loadRecord(tx *store.Tx, d Device) (*session.Record, error) {
	r, err := loadSession(tx, d)
	if err != nil {
		return nil, err
	}
	if err := addArchive(tx, d, r); err != nil {
		r.Release()
		return nil, err
	}
	return r, nil
}

// decodeRows reads our own rows. Missing ones are an empty record. If a row was written before the
// store was opened as an old copy, its sessions may not seal.
func decodeRows(r *session.Record, row *session.Row) error {
	if err := r.DecodeSession(row.Session, row.Chains, time.Now().Unix()); err != nil {
		return storedError("sessions", err)
	}
	if row.Stale {
		r.Restored()
	}
	return nil
}

// addArchive reads the archive of a record that has one and lacks it.
func addArchive(tx *store.Tx, d Device, r *session.Record) error {
	if !r.Apart() {
		return nil
	}
	encoded, stale, err := tx.Read(store.Archives, string(d))
	if err != nil {
		return err
	}
	defer secret.Wipe(encoded)
	if err := r.DecodeArchive(encoded, stale, time.Now().Unix()); err != nil {
		return storedError("sessions", err)
	}
	return nil
}

// stage puts a device's record into the transaction.
func stage(tx *store.Tx, d Device, r *session.Record) { stageRows(tx, d, r.Rows(session.System)) }

func stageRows(tx *store.Tx, d Device, rows session.Rows) {
	if rows.Chains != nil {
		tx.Put(store.Chains, string(d), rows.Chains)
	}
	if rows.Calm {
		return
	}
	if rows.Chains == nil {
		tx.Delete(store.Chains, string(d))
	}
	tx.Put(store.Sessions, string(d), rows.Session)
	switch {
	case rows.Archive != nil:
		tx.Put(store.Archives, string(d), rows.Archive)
	case rows.Archived:
		tx.Delete(store.Archives, string(d))
	}
}

// recordTables have the rows of session records.
var recordTables = []store.Table{store.Chains, store.Sessions, store.Archives}

// removeSessions removes the rows of a device's sessions.
func removeSessions(tx *store.Tx, d Device) error {
	for _, table := range recordTables {
		if err := remove(tx, table, d); err != nil {
			return err
		}
	}
	return nil
}

// changeRecord runs work on a device's session record and stages it.
func changeRecord(tx *store.Tx, d Device, work func(r *session.Record) error) error {
	r, err := loadRecord(tx, d)
	if err != nil {
		return err
	}
	defer r.Release()
	if err := work(r); err != nil {
		return err
	}
	stage(tx, d, r)
	return nil
}

// storedError is the error for a bad record in the store: UNSUPPORTED if a newer
// library wrote it, else STORE_CORRUPT.
func storedError(what string, err error) error {
	code := status.StoreCorrupt
	if status.Of(err) == status.Unsupported {
		code = status.Unsupported
	}
	return status.New(code, "stored %s: %v", what, err)
}
