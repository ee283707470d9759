package store

import (
	"database/sql/driver"
	"time"
)

func (f *file) begin(until time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.start(until); err != nil {
		return err
	}
	f.began = true
	return nil
}

// start takes the place and the write lock. rollback, or release after a commit, releases them.
func (f *file) start(until time.Time) error {
	if err := f.place.hold(until); err != nil {
		return err
	}
	f.conn.waitUntil(until)
	err := f.exec("BEGIN IMMEDIATE")
	if err != nil {
		f.place.release()
	}
	return err
}

func (f *file) rollback() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.began {
		f.exec("ROLLBACK")
		f.place.release()
		f.began = false
	}
}

func (f *file) commit(since int64, changes []change, until time.Time) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.began {
		if err := f.start(until); err != nil {
			return false, err
		}
	}
	f.began = false
	defer f.place.release()
	done, err := f.write(since, changes)
	if done && err == nil {
		err = f.exec("COMMIT")
	}
	if !done || err != nil {
		f.exec("ROLLBACK")
		return false, err
	}
	// A result committed to an orphaned log must not be returned.
	if err := f.place.check(); err != nil {
		return false, err
	}
	return true, nil
}

func (f *file) write(since int64, changes []change) (bool, error) {
	version, err := f.versionLocked()
	if err != nil || version != since {
		return false, err
	}
	for _, c := range changes {
		if c.value == nil {
			_, err = f.of(c.table).deletes.ExecContext(noContext, c.values()[:2])
		} else {
			_, err = f.of(c.table).upserts.ExecContext(noContext, c.values())
		}
		if err != nil {
			return false, f.failed("write", err)
		}
	}
	return true, f.relink()
}

// relink names the commit in progress.
func (f *file) relink() error {
	value, err := queryOne(f.links, nil)
	if err != nil {
		return f.failed("read", err)
	}
	next, err := nextLink(value)
	if err != nil {
		return err
	}
	_, err = f.relinks.ExecContext(noContext, next)
	return f.failed("write", err)
}

// nextLink returns the row of the commit after the one that a row names, as an argument.
func nextLink(value driver.Value) ([]driver.NamedValue, error) {
	row, _ := value.([]byte)
	last := linksIn(row)
	if len(last) != 1 {
		return nil, errRecord
	}
	return []driver.NamedValue{{Ordinal: 1, Value: linkRow(last[0].this)}}, nil
}

func (c change) values() []driver.NamedValue {
	return []driver.NamedValue{{Ordinal: 1, Value: int64(c.table)}, {Ordinal: 2, Value: []byte(c.name)}, {Ordinal: 3, Value: c.value}}
}
