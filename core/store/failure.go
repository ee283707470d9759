package store

import (
	"errors"

	"github.com/mattn/go-sqlite3"

	"libcallkey/core/status"
)

// errBusy is another process's lock, held longer than busyTimeout.
var errBusy = status.New(status.Store, "store is locked by another process")

// failed gives an SQLite error its status. SQLite's own text stays out: it can quote
// what was in the statement.
func failed(doing string, err error) error {
	if err == nil {
		return nil
	}
	var known sqlite3.Error
	if !errors.As(err, &known) {
		return status.New(status.Store, "store %s failed", doing)
	}
	switch known.Code {
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return errBusy
	case sqlite3.ErrNotADB, sqlite3.ErrCorrupt, sqlite3.ErrFormat:
		return status.New(status.StoreCorrupt, "store %s failed: %s", doing, known.Code)
	}
	return status.New(status.Store, "store %s failed: %s", doing, known.Code)
}
