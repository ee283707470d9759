package store

import (
	"crypto/rand"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"time"

	"libcallkey/core/status"
)

// copyTo copies over its own connection, so that other threads can work meanwhile. The copy
// is made under another name and renamed when it is complete and on the disk.
func (f *file) copyTo(path string) (err error) {
	dir, name := filepath.Split(path)
	if isFolder(name) {
		return errFolder
	}
	random := partName()
	at, err := openFolder(dir, random)
	if err != nil {
		return err
	}
	defer at.leave()
	part, target := at.file(random), at.file(name)
	if _, err := os.Lstat(target); err == nil {
		return errTaken
	}
	if err := hasRoom(target); err != nil {
		return err
	}
	made, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return status.New(status.Store, "a copy can't be made: %v", errors.Unwrap(err))
	}
	made.Close()
	defer func() {
		if err != nil {
			os.Remove(part)
		}
	}()
	if err := f.vacuumInto(part); err != nil {
		return err
	}
	if err := f.branch(part); err != nil {
		return err
	}
	if err := syncFile(part); err != nil {
		return err
	}
	if err := rename(part, target); err != nil {
		return err
	}
	syncFolder(at.path)
	return nil
}

var errTaken = status.New(status.Conflict, "there is a file at path")

func partName() string {
	var random [8]byte
	rand.Read(random[:])
	return ".callkey-copy-" + hex.EncodeToString(random[:])
}

// vacuumInto reads one state of the store, and writes only the pages in use. The file at the path must
// be this store before and after.
func (f *file) vacuumInto(part string) error {
	if err := f.place.check(); err != nil {
		return err
	}
	conn, err := connect(f.place.path, time.Now().Add(f.options.Busy))
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err = conn.ExecContext(noContext, "VACUUM INTO ?", []driver.NamedValue{{Ordinal: 1, Value: part}}); err != nil {
		return failed("copy", err)
	}
	return f.place.check()
}

// branch gives the copy its own commit, so that the log of the original does not fit it.
func (f *file) branch(part string) error {
	conn, err := connect(part, time.Now().Add(f.options.Busy))
	if err != nil {
		return err
	}
	_, err = conn.ExecContext(noContext, "UPDATE link SET value = ?", []driver.NamedValue{{Ordinal: 1, Value: linkRow(commitID{})}})
	if closed := conn.Close(); err == nil {
		err = closed
	}
	return failed("copy", err)
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err == nil {
		err = f.Sync()
		if closed := f.Close(); err == nil {
			err = closed
		}
	}
	if err != nil {
		return status.New(status.Store, "the copy can't be written: %v", errors.Unwrap(err))
	}
	return nil
}

// syncFolder makes a name durable, if the system can.
func syncFolder(dir string) {
	if f, err := os.Open(dir); err == nil {
		f.Sync()
		f.Close()
	}
}
