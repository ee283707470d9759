package signal

import (
	"errors"
	"time"

	"libcallkey/core/secret"
	"libcallkey/core/session"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// loadRecord returns a device's session record, empty if it has none. Release it.
// Errors: STORE, STORE_CORRUPT, UNSUPPORTED.
func loadRecord(tx *store.Tx, d Device) (*session.Record, error) {
	encoded, stale, err := tx.Read(store.Sessions, string(d))
	if err != nil {
		return nil, err
	}
	defer secret.Wipe(encoded)
	r := session.NewRecord()
	if err := decodeStored(r, encoded, stale); err != nil {
		r.Release()
		return nil, err
	}
	return r, nil
}

// loadRow returns a device's session record as it is stored, and the identity key trusted for it.
// The caller wipes the record. Errors: STORE, STORE_CORRUPT.
func loadRow(tx *store.Tx, d Device) (row session.Row, trusted []byte, err error) {
	row.Now = time.Now().Unix()
	if row.Bytes, row.Stale, err = tx.Read(store.Sessions, string(d)); err != nil {
		return row, nil, err
	}
	if trusted, err = loadIdentity(tx, d); err != nil {
		secret.Wipe(row.Bytes)
	}
	return row, trusted, err
}

// rowError is the error of a row that was advanced.
func rowError(err error) error {
	if bad, ok := errors.AsType[session.UnreadableError](err); ok {
		return storedError("sessions", bad.Unwrap())
	}
	return err
}

// decodeStored reads one of our own rows. A missing row is an empty record. stale: the row was
// written before the store was opened as an old copy, so its sessions may not seal.
func decodeStored(r *session.Record, encoded []byte, stale bool) error {
	if err := r.Decode(encoded, time.Now().Unix()); err != nil {
		return storedError("sessions", err)
	}
	if stale {
		r.Restored()
	}
	return nil
}

// stage puts a device's record into the transaction.
func stage(tx *store.Tx, d Device, r *session.Record) {
	tx.Put(store.Sessions, string(d), r.EncodeSeeds())
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
