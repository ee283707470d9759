package store

import (
	"database/sql/driver"
	"errors"
	"syscall"

	"github.com/mattn/go-sqlite3"

	"libcallkey/core/status"
)

// errBusy: another process held its lock longer than Options.Busy.
var errBusy = status.New(status.Busy, "store is locked by another process")

// failed converts an SQLite error to its status. It drops SQLite's own text, which can
// quote values of the statement.
func failed(doing string, err error) error {
	if err == nil {
		return nil
	}
	var known sqlite3.Error
	if !errors.As(err, &known) {
		return status.New(status.Store, "store %s failed", doing)
	}
	switch known.Code {
	case sqlite3.ErrBusy, sqlite3.ErrLocked, sqlite3.ErrProtocol:
		return errBusy
	case sqlite3.ErrNotADB, sqlite3.ErrCorrupt, sqlite3.ErrFormat:
		return status.New(status.StoreCorrupt, "store %s failed: %s", doing, known.Code)
	}
	if known.Code == sqlite3.ErrFull { // SQLite keeps no number of a full disk
		known.SystemErrno = syscall.ENOSPC
	}
	return status.Because(known.SystemErrno, status.Store, "store %s failed: %s", doing, known.Code)
}

// failed is failed for an error of this file. SQLite also reports damage if the disk
// could not read; but then the file is fine once it can.
func (f *file) failed(doing string, err error) error {
	err = failed(doing, err)
	if status.Of(err) == status.StoreCorrupt && f.sound() {
		return status.Because(syscall.EIO, status.Store, "store %s failed: the disk could not be read", doing)
	}
	return err
}

// sound reads the whole file.
func (f *file) sound() bool {
	rows, err := f.conn.QueryContext(noContext, "PRAGMA quick_check(1)", nil)
	if err != nil {
		return false
	}
	defer rows.Close()
	dest := make([]driver.Value, 1)
	return rows.Next(dest) == nil && dest[0] == "ok"
}
