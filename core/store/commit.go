package store

import (
	"cmp"
	"database/sql/driver"
	"slices"
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
	err := f.failed("write", run(f.begins, nil))
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
		err = f.failed("write", run(f.commits, nil))
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
	// Those of one table of the file beside each other. No two are of one row, so their order is free.
	slices.SortStableFunc(changes, func(a, b change) int { return cmp.Compare(a.table, b.table) })
	for len(changes) > 0 {
		n := f.upsertsFirst(changes)
		if err := f.writeRows(changes[:n]); err != nil {
			return false, f.failed("write", err)
		}
		changes = changes[n:]
	}
	return true, f.relink()
}

// upsertsFirst returns how many of the first changes one statement can write: Batch rows of one
// table of the file, else one change.
func (f *file) upsertsFirst(changes []change) int {
	if len(changes) < Batch {
		return 1
	}
	statements := f.of(changes[0].table)
	for _, c := range changes[:Batch] {
		if c.value == nil || f.of(c.table) != statements {
			return 1
		}
	}
	return Batch
}

// writeRows writes the changes that upsertsFirst counts.
func (f *file) writeRows(changes []change) error {
	statements := f.of(changes[0].table)
	if changes[0].value == nil {
		return run(statements.deletes, changes[0].key())
	}
	f.args, f.names = f.args[:0], f.names[:0]
	for _, c := range changes {
		f.names = append(f.names, c.name...)
		f.args = c.appendArgs(f.args, f.names[len(f.names)-len(c.name):])
	}
	defer clear(f.args)
	if len(changes) == Batch {
		return run(statements.manyUpserts, f.args)
	}
	return run(statements.upserts, f.args)
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
	return f.failed("write", run(f.relinks, next))
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
	return c.appendArgs(make([]driver.NamedValue, 0, 3), []byte(c.name))
}

// key returns the arguments of a statement that name the row: all of values but the last one.
func (c change) key() []driver.NamedValue {
	values := c.values()
	return values[:len(values)-1]
}

// appendArgs appends the table, the name, as bytes, and the value to the arguments of a statement. A
// row of Chains has only an id and a value.
func (c change) appendArgs(args []driver.NamedValue, name []byte) []driver.NamedValue {
	n := len(args)
	if c.table == Chains {
		return append(args,
			driver.NamedValue{Ordinal: n + 1, Value: chainID(c.name)},
			driver.NamedValue{Ordinal: n + 2, Value: c.value})
	}
	return append(args,
		driver.NamedValue{Ordinal: n + 1, Value: int64(c.table)},
		driver.NamedValue{Ordinal: n + 2, Value: name},
		driver.NamedValue{Ordinal: n + 3, Value: c.value})
}
