package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-sqlite3"
)

// noContext: the store's calls can't be cancelled; they end within Options.Busy.
var noContext = context.Background()

// file is a store in an SQLite file: write-ahead log, synced at every commit. One
// connection is enough: reads take microseconds and commits exclude each other anyway.
type file struct {
	mu       sync.Mutex // protects conn; between begin and rollback nothing else
	conn     *connection
	begins   *sqlite3.SQLiteStmt
	commits  *sqlite3.SQLiteStmt
	versions *sqlite3.SQLiteStmt
	items    statements
	archives statements
	chains   statements
	links    *sqlite3.SQLiteStmt
	relinks  *sqlite3.SQLiteStmt
	args     []driver.NamedValue // the memory of writeRows
	names    []byte              // and of the rows' names in them
	seen     int64               // the version that the generation was last read at
	began    bool
	seal     *sealer
	place    *place
	options  Options
}

// statements are those of the rows in one table of the file. The chains have no pages, because they are
// never walked.
type statements struct{ selects, batches, pages, upserts, manyUpserts, deletes *sqlite3.SQLiteStmt }

// of returns the statements of the table that has the rows of t.
func (f *file) of(t Table) *statements {
	switch t {
	case Archives:
		return &f.archives
	case Chains:
		return &f.chains
	default:
		return &f.items
	}
}

// openFile opens or makes the file. storageKey nil: plaintext.
func openFile(path string, storageKey []byte, o Options) (*file, error) {
	until := time.Now().Add(o.Busy)
	for range 10 {
		f, err := openOnce(path, storageKey, o, until)
		if err != errMoved { // another process made it, and removed it because it could not open it
			return f, err
		}
	}
	return nil, errMoved
}

func openOnce(path string, storageKey []byte, o Options, until time.Time) (*file, error) {
	p, err := enter(path, o.MustExist)
	if err != nil {
		return nil, err
	}
	if err := p.hold(until); err != nil {
		p.leave()
		return nil, err
	}
	f, err := openAt(p, storageKey, o, until)
	if err != nil {
		p.closed()
		p.unmake()
	}
	p.release()
	if err != nil {
		p.leave()
	}
	return f, err
}

// openAt opens the file at a place that the caller holds.
func openAt(p *place, storageKey []byte, o Options, until time.Time) (*file, error) {
	if err := p.claim(o.Restored); err != nil {
		return nil, err
	}
	conn, err := connect(p.path, until)
	if err != nil {
		return nil, err
	}
	f := &file{conn: conn, place: p, options: o}
	f.names = make([]byte, 0, Batch*32) // never nil: that would be SQL's NULL for an empty name
	if err = f.prepare(storageKey); err == nil {
		err = p.settle()
	}
	if err != nil {
		f.seal.wipe()
		f.closeConn()
		return nil, err
	}
	return f, nil
}

// prepare checks or makes the schema before it changes anything.
func (f *file) prepare(storageKey []byte) error {
	// First, because a migration deletes rows too.
	for _, pragma := range []string{
		"PRAGMA synchronous = FULL",
		"PRAGMA temp_store = MEMORY",
		"PRAGMA secure_delete = ON",
		"PRAGMA trusted_schema = OFF",
		"PRAGMA cell_size_check = ON",
	} {
		if err := f.exec(pragma); err != nil {
			return err
		}
	}
	if err := f.prepareSchema(storageKey); err != nil {
		return err
	}
	if err := f.useLog(); err != nil { // a copy has none
		return err
	}
	if err := f.prepareStatements(); err != nil {
		return err
	}
	if err := f.readKey(storageKey); err != nil {
		return err
	}
	if err := f.readGeneration(); err != nil {
		return err
	}
	if f.options.Restored {
		return f.nextGeneration()
	}
	return f.checkWritable()
}

func (f *file) prepareStatements() error {
	texts := map[**sqlite3.SQLiteStmt]string{
		&f.begins:   "BEGIN IMMEDIATE",
		&f.commits:  "COMMIT",
		&f.versions: "PRAGMA data_version",
		&f.links:    "SELECT value FROM link",
		&f.relinks:  "UPDATE link SET value = ?",

		&f.chains.selects:     "SELECT value FROM chains WHERE id = ?",
		&f.chains.batches:     "SELECT id, value FROM chains WHERE id IN (" + times("?", Batch) + ")",
		&f.chains.upserts:     chainUpsert(1),
		&f.chains.manyUpserts: chainUpsert(Batch),
		&f.chains.deletes:     "DELETE FROM chains WHERE id = ?",
	}
	for table, of := range map[string]*statements{"items": &f.items, "archives": &f.archives} {
		texts[&of.selects] = "SELECT value FROM " + table + " WHERE kind = ? AND name = ?"
		texts[&of.batches] = "SELECT name, value FROM " + table + " WHERE kind = ? AND name IN (" + times("?", Batch) + ")"
		texts[&of.pages] = "SELECT kind, name, value FROM " + table + " WHERE kind = ? AND name > ? ORDER BY name LIMIT ?"
		texts[&of.upserts] = upsert(table, 1)
		texts[&of.manyUpserts] = upsert(table, Batch)
		texts[&of.deletes] = "DELETE FROM " + table + " WHERE kind = ? AND name = ?"
	}
	for statement, text := range texts {
		prepared, err := f.conn.Prepare(text)
		if err != nil {
			return f.failed("read", err)
		}
		*statement = prepared.(*sqlite3.SQLiteStmt)
	}
	return nil
}

// times returns n times what, with commas.
func times(what string, n int) string { return strings.Repeat(what+", ", n-1) + what }

// upsert returns the statement that writes n rows.
func upsert(table string, n int) string {
	return "INSERT INTO " + table + " (kind, name, value) VALUES " + times("(?, ?, ?)", n) + " ON CONFLICT DO UPDATE SET value = excluded.value"
}

// chainUpsert is upsert for the chains. Without an index REPLACE removes nothing before it writes, and
// is a little faster.
func chainUpsert(n int) string {
	return "INSERT OR REPLACE INTO chains (id, value) VALUES " + times("(?, ?)", n)
}

// checkWritable rejects a file that SQLite could open only for reading: every later call
// would fail. A write transaction that changes nothing detects this; BEGIN IMMEDIATE does
// not.
func (f *file) checkWritable() error {
	return f.exec("DELETE FROM items WHERE kind < 0")
}

func (f *file) sealer() *sealer { return f.seal }

// lock is for a read, which waits for other processes no longer than any call may.
func (f *file) lock() {
	f.mu.Lock()
	f.conn.waitUntil(time.Now().Add(f.options.Busy))
}

func (f *file) version() (int64, error) {
	f.lock()
	defer f.mu.Unlock()
	return f.versionLocked()
}

// versionLocked returns the version of the store that was opened; another store at the
// path is an error.
func (f *file) versionLocked() (int64, error) {
	if err := f.place.check(); err != nil {
		return 0, err
	}
	value, err := queryOne(f.versions, nil)
	if err != nil {
		return 0, f.failed("read", err)
	}
	n, _ := value.(int64)
	if n != f.seen {
		if err := f.readGeneration(); err != nil {
			return 0, err
		}
		f.seen = n
	}
	return n, nil
}

func (f *file) get(t Table, names []string, each func(name string, row []byte)) error {
	if len(names) == 1 {
		return f.getOne(t, names[0], each)
	}
	args := make([]driver.NamedValue, 0, 1+Batch)
	if t != Chains {
		args = append(args, driver.NamedValue{Ordinal: 1, Value: int64(t)})
	}
	for i := range Batch {
		name := names[min(i, len(names)-1)] // the last one again, if there are fewer
		args = append(args, driver.NamedValue{Ordinal: len(args) + 1, Value: nameArg(t, name)})
	}
	f.lock()
	defer f.mu.Unlock()
	rows, err := f.of(t).batches.QueryContext(noContext, args)
	if err != nil {
		return f.failed("read", err)
	}
	defer rows.Close()
	dest := make([]driver.Value, 2)
	for {
		err := rows.Next(dest)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return f.failed("read", err)
		}
		name, named := nameIn(t, dest[0])
		row, filled := dest[1].([]byte)
		if !named || !filled {
			return errRecord
		}
		each(name, row)
	}
}

func (f *file) getOne(t Table, name string, each func(name string, row []byte)) error {
	f.lock()
	defer f.mu.Unlock()
	value, err := queryOne(f.of(t).selects, change{table: t, name: name}.key())
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return f.failed("read", err)
	}
	row, ok := value.([]byte)
	if !ok {
		return errRecord
	}
	each(name, row)
	return nil
}

func (f *file) after(t Table, name string, n int) ([]change, error) {
	f.lock()
	defer f.mu.Unlock()
	args := append(change{table: t, name: name}.key(), driver.NamedValue{Ordinal: 3, Value: int64(n)})
	rows, err := f.of(t).pages.QueryContext(noContext, args)
	if err != nil {
		return nil, f.failed("read", err)
	}
	return f.changesIn(rows)
}

func (f *file) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	until := time.Now().Add(min(f.options.Busy, defaultBusy))
	f.conn.waitUntil(until)
	end := keepLog // left to the holder of the place
	held := f.place.hold(until) == nil
	if held {
		end = f.place.logEnd()
	}
	if end == moveLog {
		f.exec("PRAGMA wal_checkpoint(TRUNCATE)")
	}
	stays := end == keepLog && !f.place.anchor.keepLog()
	var err error
	if stays { // open, because SQLite would overwrite newer data with its old log
		err = f.place.check()
	} else {
		err = f.closeConn()
		f.place.users.Add(-1)
	}
	if held {
		if end != keepLog {
			f.place.closed()
		}
		f.place.release()
	}
	if !stays {
		f.place.leave()
	}
	return err
}

func (f *file) closeConn() error {
	all := []*sqlite3.SQLiteStmt{f.begins, f.commits, f.versions, f.links, f.relinks}
	for _, of := range []*statements{&f.items, &f.archives, &f.chains} {
		all = append(all, of.selects, of.batches, of.pages, of.upserts, of.manyUpserts, of.deletes)
	}
	for _, statement := range all {
		if statement != nil {
			statement.Close()
		}
	}
	return failed("close", f.conn.Close())
}
