package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-sqlite3"

	"libcallkey/core/status"
)

const (
	// applicationID marks our files ("ckey"); schemaVersion is their layout.
	applicationID = 0x636b6579
	schemaVersion = 1

	// markName is the record that tells whether the storage key is right.
	markTable = Table(0)
	markName  = "mark"
	markValue = "callkey"
)

// noContext: the store's calls can't be cancelled, they end within Options.Busy.
var noContext = context.Background()

const table = `CREATE TABLE record (
	kind  INTEGER NOT NULL,
	name  BLOB    NOT NULL,
	value BLOB    NOT NULL,
	PRIMARY KEY (kind, name)
) WITHOUT ROWID, STRICT`

const schema = table + `;
PRAGMA application_id = 1667982713;
PRAGMA user_version = 1;`

// file is a store in an SQLite file: write-ahead log, synced at every commit. One
// connection is enough: reads take microseconds and commits exclude each other anyway.
type file struct {
	mu       sync.Mutex // over conn, between begin and rollback over nothing else
	conn     *sqlite3.SQLiteConn
	versions *sqlite3.SQLiteStmt
	selects  *sqlite3.SQLiteStmt
	batches  *sqlite3.SQLiteStmt
	upserts  *sqlite3.SQLiteStmt
	deletes  *sqlite3.SQLiteStmt
	began    bool
	seal     *sealer
	options  Options
}

// opening is held while a file is opened: closing any descriptor of a file gives back all
// locks that the process has on it, so nobody may make a file that another thread just
// locks. For the same reason a file that is there is never opened but by SQLite.
var opening sync.Mutex

// openFile opens or makes the file. storageKey nil: plaintext.
func openFile(path string, storageKey []byte, o Options) (*file, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, status.New(status.Store, "store path can't be resolved")
	}
	opening.Lock()
	defer opening.Unlock()
	if err := makeFile(absolute, o.MustExist); err != nil {
		return nil, err
	}
	busy := min(o.Busy.Milliseconds(), math.MaxInt32) // SQLite takes an int
	opened, err := (&sqlite3.SQLiteDriver{}).Open(fmt.Sprintf("%s?mode=rw&_mutex=no&_busy_timeout=%d", uri(absolute), busy))
	if err != nil {
		return nil, failed("open", err)
	}
	f := &file{conn: opened.(*sqlite3.SQLiteConn), options: o}
	if storageKey != nil {
		f.seal = newSealer(storageKey)
	}
	if err := f.prepare(); err != nil {
		f.seal.wipe()
		f.close()
		return nil, err
	}
	return f, nil
}

// makeFile makes the file unless it is there: SQLite would make it readable for others.
func makeFile(absolute string, mustExist bool) error {
	if mustExist {
		info, err := os.Stat(absolute)
		switch {
		case errors.Is(err, os.ErrNotExist), err == nil && info.Mode().IsRegular() && info.Size() == 0:
			return errNotFound
		case err != nil:
			return status.New(status.Store, "store file can't be found: %v", errors.Unwrap(err))
		}
		return nil
	}
	made, err := os.OpenFile(absolute, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case err == nil:
		made.Close()
	case !errors.Is(err, os.ErrExist):
		return status.New(status.Store, "store file can't be made: %v", errors.Unwrap(err))
	}
	return nil
}

var errNotFound = status.New(status.NotFound, "there is no store in the file")

// uri is how SQLite takes a path with any character in it (sqlite.org/uri.html). On Windows
// C:\x is file:///C:/x.
func uri(absolute string) string {
	path := filepath.ToSlash(absolute)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return "file://" + (&url.URL{Path: path}).EscapedPath()
}

// prepare checks or makes the schema before it changes anything.
func (f *file) prepare() error {
	tables, err := f.number("SELECT count(*) FROM sqlite_schema")
	if err != nil {
		return err
	}
	switch {
	case tables != 0:
		err = f.checkSchema()
	case f.options.MustExist:
		err = errNotFound
	default:
		err = f.makeSchema()
	}
	if err != nil {
		return err
	}
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
	for statement, text := range map[**sqlite3.SQLiteStmt]string{
		&f.versions: "PRAGMA data_version",
		&f.selects:  "SELECT value FROM record WHERE kind = ? AND name = ?",
		&f.batches:  "SELECT name, value FROM record WHERE kind = ? AND name IN (" + strings.Repeat("?, ", Batch-1) + "?)",
		&f.upserts:  "INSERT INTO record (kind, name, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
		&f.deletes:  "DELETE FROM record WHERE kind = ? AND name = ?",
	} {
		prepared, err := f.conn.Prepare(text)
		if err != nil {
			return f.failed("read", err)
		}
		*statement = prepared.(*sqlite3.SQLiteStmt)
	}
	if err := f.checkMark(); err != nil {
		return err
	}
	return f.checkWritable()
}

// checkWritable refuses a file that SQLite, when it could not open it for writing, opened
// for reading: every later call would fail. A write transaction that changes nothing tells;
// BEGIN IMMEDIATE does not.
func (f *file) checkWritable() error {
	return f.exec("DELETE FROM record WHERE kind < 0")
}

// makeSchema makes the table. Two processes may do so at once; one finds it made.
func (f *file) makeSchema() error {
	if err := f.useLog(); err != nil {
		return err
	}
	if err := f.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	tables, err := f.number("SELECT count(*) FROM sqlite_schema")
	if err == nil && tables == 0 {
		if err = f.exec(schema); err == nil {
			mark := change{markTable, f.seal.rowName(markTable, markName), f.seal.seal(markTable, markName, []byte(markValue))}
			_, err = f.conn.ExecContext(noContext, "INSERT INTO record (kind, name, value) VALUES (?, ?, ?)", mark.values())
			err = f.failed("write", err)
		}
	}
	if err == nil {
		err = f.exec("COMMIT")
	}
	if err != nil {
		f.exec("ROLLBACK")
		return err
	}
	return f.checkSchema()
}

// useLog switches a new file to a write-ahead log. SQLite does not wait for another
// process that is doing the same, so this does.
func (f *file) useLog() error {
	for deadline := time.Now().Add(f.options.Busy); ; time.Sleep(5 * time.Millisecond) {
		err := f.exec("PRAGMA journal_mode = WAL")
		if err == nil || time.Now().After(deadline) || !errors.Is(err, errBusy) {
			return err
		}
	}
}

func (f *file) checkSchema() error {
	id, err := f.number("PRAGMA application_id")
	if err != nil {
		return err
	}
	version, err := f.number("PRAGMA user_version")
	switch {
	case err != nil:
		return err
	case id != applicationID:
		return status.New(status.StoreCorrupt, "the file is a database of another program")
	case version > schemaVersion:
		return status.New(status.Unsupported, "store has schema version %d, this library knows %d", version, schemaVersion)
	case version < schemaVersion:
		return status.New(status.StoreCorrupt, "store has schema version %d", version)
	}
	return f.checkTable()
}

// checkTable refuses a file with anything but our table in it. A trigger or a view would run
// SQL of whoever could write the file: leave out a write that the caller was told of, or
// never end.
func (f *file) checkTable() error {
	ours, err := f.number("SELECT count(*) = 1 AND max(sql = '" + table + "') FROM sqlite_schema")
	if err == nil && ours != 1 {
		err = status.New(status.StoreCorrupt, "the store's schema is not ours")
	}
	return err
}

// checkMark tells a wrong storage key from a damaged file.
func (f *file) checkMark() error {
	var row []byte
	err := f.getOne(markTable, f.seal.rowName(markTable, markName), func(_ string, r []byte) { row = r })
	if err != nil {
		return err
	}
	if row == nil {
		return status.New(status.StoreKey, "the storage key is not this store's")
	}
	if value, err := f.seal.open(markTable, markName, row); err != nil || string(value) != markValue { // public: a constant
		return status.New(status.StoreKey, "the storage key is not this store's")
	}
	return nil
}

func (f *file) sealer() *sealer { return f.seal }

func (f *file) version() (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.versionLocked()
}

func (f *file) versionLocked() (int64, error) {
	value, err := queryOne(f.versions, nil)
	if err != nil {
		return 0, f.failed("read", err)
	}
	n, _ := value.(int64)
	return n, nil
}

func (f *file) get(t Table, names []string, each func(name string, row []byte)) error {
	if len(names) == 1 {
		return f.getOne(t, names[0], each)
	}
	args := make([]driver.NamedValue, 1+Batch)
	args[0] = driver.NamedValue{Ordinal: 1, Value: int64(t)}
	for i := range Batch {
		name := names[min(i, len(names)-1)] // the last one again, where there are fewer
		args[1+i] = driver.NamedValue{Ordinal: 2 + i, Value: []byte(name)}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	rows, err := f.batches.QueryContext(noContext, args)
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
		name, named := dest[0].([]byte)
		row, filled := dest[1].([]byte)
		if !named || !filled {
			return errRecord
		}
		each(string(name), row)
	}
}

func (f *file) getOne(t Table, name string, each func(name string, row []byte)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	value, err := queryOne(f.selects, change{table: t, name: name}.values()[:2])
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

func (f *file) begin() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	f.began = true
	return nil
}

func (f *file) rollback() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.began {
		f.exec("ROLLBACK")
		f.began = false
	}
}

func (f *file) commit(since int64, changes []change) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.began {
		if err := f.exec("BEGIN IMMEDIATE"); err != nil {
			return false, err
		}
	}
	f.began = false
	done, err := f.write(since, changes)
	if done && err == nil {
		err = f.exec("COMMIT")
	}
	if !done || err != nil {
		f.exec("ROLLBACK")
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
			_, err = f.deletes.ExecContext(noContext, c.values()[:2])
		} else {
			_, err = f.upserts.ExecContext(noContext, c.values())
		}
		if err != nil {
			return false, f.failed("write", err)
		}
	}
	return true, nil
}

func (c change) values() []driver.NamedValue {
	return []driver.NamedValue{{Ordinal: 1, Value: int64(c.table)}, {Ordinal: 2, Value: []byte(c.name)}, {Ordinal: 3, Value: c.value}}
}

func (f *file) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, statement := range []*sqlite3.SQLiteStmt{f.versions, f.selects, f.batches, f.upserts, f.deletes} {
		if statement != nil {
			statement.Close()
		}
	}
	return failed("close", f.conn.Close())
}

func (f *file) exec(text string) error {
	_, err := f.conn.ExecContext(noContext, text, nil)
	return f.failed("write", err)
}

func (f *file) number(text string) (int64, error) {
	rows, err := f.conn.QueryContext(noContext, text, nil)
	if err != nil {
		return 0, f.failed("read", err)
	}
	defer rows.Close()
	dest := make([]driver.Value, 1)
	if err := rows.Next(dest); err != nil {
		return 0, f.failed("read", err)
	}
	n, _ := dest[0].(int64)
	return n, nil
}

// queryOne is the first column of the first row; io.EOF without one.
func queryOne(statement *sqlite3.SQLiteStmt, args []driver.NamedValue) (driver.Value, error) {
	rows, err := statement.QueryContext(noContext, args)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	dest := make([]driver.Value, 1)
	err = rows.Next(dest)
	return dest[0], err
}
