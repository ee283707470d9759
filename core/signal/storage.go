package signal

import (
	"time"

	"libcallkey/core/secret"
	"libcallkey/core/session"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// A device's session record is in two rows (session.Rows): store.Sessions has what each message
// changes, store.Archives the rest, if there is any. The device's lock is that of both.

// loadSession returns a device's session record without its archive, empty if it has none.
// Release it. Errors: STORE, STORE_CORRUPT, UNSUPPORTED.
func loadSession(tx *store.Tx, d Device) (*session.Record, error) {
	encoded, stale, err := tx.Read(store.Sessions, string(d))
	if err != nil {
		return nil, err
	}
	defer secret.Wipe(encoded)
	r := session.NewRecord()
	if err := decodeSession(r, encoded, stale); err != nil {
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

// decodeSession reads one of our own session rows. A missing row is an empty record. stale: the row
// was written before the store was opened as an old copy, so its sessions may not seal.
func decodeSession(r *session.Record, encoded []byte, stale bool) error {
	if err := r.DecodeSession(encoded, time.Now().Unix()); err != nil {
		return storedError("sessions", err)
	}
	if stale {
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
	tx.Put(store.Sessions, string(d), rows.Session)
	switch {
	case rows.Archive != nil:
		tx.Put(store.Archives, string(d), rows.Archive)
	case rows.Archived:
		tx.Delete(store.Archives, string(d))
	}
}

// removeSessions removes the rows of a device's sessions.
func removeSessions(tx *store.Tx, d Device) error {
	if err := remove(tx, store.Sessions, d); err != nil {
		return err
	}
	return remove(tx, store.Archives, d)
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
