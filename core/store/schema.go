package store

import (
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"libcallkey/core/secret"
	"libcallkey/core/status"
)

const (
	// applicationID marks our files ("ckey"); schemaVersion is the version of their
	// layout, in SQLite's user_version.
	applicationID = 0x636b6579
	schemaVersion = 4

	// generationName is the row of kind 0 with the store's generation: the number of times that
	// the file was opened as an old copy. The next keys of a session record of an earlier
	// generation may have been used since the copy was made.
	generationName = "generation"
)

// The tables of each schema, as SQLite keeps their text. If an older library would misread the rows of a schema, the
// schema's table has another name: then a process that still has the file open with the
// older library fails, and writes nothing.
const (
	// itemTable has the text of a table that was renamed, because that is what a migrated file has.
	itemTable = `CREATE TABLE "items"` + columns

	// archiveTable has the rows of Archives. They can have hundreds of kilobytes, and a search in
	// items would read whole rows that lie on its way. Here it reads an index.
	archiveTable = `CREATE TABLE archives (
	kind  INTEGER NOT NULL,
	name  BLOB    NOT NULL,
	value BLOB    NOT NULL,
	PRIMARY KEY (kind, name)
) STRICT`

	// chainTable has the rows of Chains, whose names are numbers: see chain.go.
	chainTable = `CREATE TABLE chains (
	id    INTEGER PRIMARY KEY,
	value BLOB NOT NULL
) STRICT`

	linkTable = `CREATE TABLE link (
	one   INTEGER PRIMARY KEY CHECK (one = 1),
	value BLOB NOT NULL
) STRICT`

	firstTable  = "CREATE TABLE record" + columns
	secondTable = "CREATE TABLE records" + columns
	thirdTable  = `CREATE TABLE "entries"` + columns

	columns = ` (
	kind  INTEGER NOT NULL,
	name  BLOB    NOT NULL,
	value BLOB    NOT NULL,
	PRIMARY KEY (kind, name)
) WITHOUT ROWID, STRICT`
)

// tables are the tables of each schema version; a file has no others.
var tables = map[int64][]string{
	1: {firstTable},
	2: {secondTable, linkTable},
	3: {thirdTable, archiveTable, linkTable},
	4: {itemTable, archiveTable, chainTable, linkTable},
}

// setVersion is the statement after which a file has today's schema version.
var setVersion = fmt.Sprintf("PRAGMA user_version = %d", schemaVersion)

// steps[v] migrates a file from version v to a later one. All steps share one transaction, which
// is committed only if all succeed. A step checks the storage key before it changes
// anything.
var steps = map[int64]func(f *file, storageKey []byte) error{
	1: (*file).fromFirst,
	2: (*file).fromSecond,
	3: (*file).fromThird,
}

// prepareSchema makes the schema of a new file, checks that of an existing one, and
// migrates an older one. Errors: STORE_CORRUPT, UNSUPPORTED, STORE_KEY, STORE, BUSY.
func (f *file) prepareSchema(storageKey []byte) error {
	has, err := f.number("SELECT count(*) FROM sqlite_schema")
	if err != nil {
		return err
	}
	if has == 0 && f.options.MustExist {
		return errNotFound
	}
	if has == 0 {
		if err := f.useLog(); err != nil {
			return err
		}
		// Two processes may do so at once; the second finds it made.
		return f.inTransaction(func() error {
			has, err := f.number("SELECT count(*) FROM sqlite_schema")
			if err != nil || has != 0 {
				return err
			}
			return f.makeSchema(storageKey)
		})
	}
	// Read everything at one instant: another process may be migrating the file.
	if err := f.exec("BEGIN"); err != nil {
		return err
	}
	version, err := f.checkSchema()
	f.exec("ROLLBACK")
	if err != nil || version == schemaVersion {
		return err
	}
	return f.migrate(storageKey)
}

// inTransaction commits all changes of work, or none.
func (f *file) inTransaction(work func() error) error {
	if err := f.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := work()
	if err == nil {
		err = f.exec("COMMIT")
	}
	if err != nil {
		f.exec("ROLLBACK")
	}
	return err
}

func (f *file) makeSchema(storageKey []byte) error {
	if err := f.exec("PRAGMA application_id = 1667982713"); err != nil {
		return err
	}
	if err := f.makeTables(); err != nil {
		return err
	}
	id, keys := newStoreID(), newDataKeys()
	defer keys.wipe()
	return f.writeHead(id, keys, storageKey)
}

// makeTables makes the tables of today's schema.
func (f *file) makeTables() error {
	if err := f.execAll(tables[schemaVersion]...); err != nil {
		return err
	}
	return f.exec(setVersion)
}

// writeHead writes the rows that every store has. It takes ownership of keys.
func (f *file) writeHead(id storeID, keys *dataKeys, storageKey []byte) error {
	key := keyRow(id, keys, storageKey)
	f.seal = newSealer(id, keys, storageKey == nil)
	if err := f.insert(keyTable, keyName, key); err != nil {
		return err
	}
	if err := f.writeGeneration(0); err != nil {
		return err
	}
	_, err := f.conn.ExecContext(noContext, "INSERT INTO link (one, value) VALUES (1, ?)", []driver.NamedValue{{Ordinal: 1, Value: linkRow(commitID{})}})
	return f.failed("write", err)
}

func (f *file) insert(t Table, rowName string, value []byte) error {
	c := change{t, rowName, value}
	_, err := f.conn.ExecContext(noContext, "INSERT OR REPLACE INTO items (kind, name, value) VALUES (?, ?, ?)", c.values())
	return f.failed("write", err)
}

// writeGeneration sets the store's generation.
func (f *file) writeGeneration(n uint64) error {
	f.seal.generation.Store(n)
	return f.insert(keyTable, generationName, f.seal.seal(keyTable, generationName, generationName, binary.AppendUvarint(nil, n)))
}

// nextGeneration makes every existing record stale.
func (f *file) nextGeneration() error {
	return f.inTransaction(func() error {
		if err := f.readGeneration(); err != nil { // another process may have been faster
			return err
		}
		if err := f.writeGeneration(f.seal.generation.Load() + 1); err != nil {
			return err
		}
		return f.relink()
	})
}

// readGeneration reads the value that this or another process wrote last.
func (f *file) readGeneration() error {
	sealed, err := f.headRow(generationName)
	if err != nil {
		return err
	}
	content, err := f.seal.content(keyTable, generationName, sealed)
	if err != nil {
		return err
	}
	r, err := parseRow(content)
	if err != nil {
		return err
	}
	n, size := binary.Uvarint(r.record)
	if r.name != generationName || size <= 0 || size != len(r.record) {
		return errRecord
	}
	f.seal.generation.Store(n)
	return nil
}

// readKey opens the key row.
func (f *file) readKey(storageKey []byte) error {
	key, err := f.headRow(keyName)
	if err != nil {
		return err
	}
	f.seal.wipe()
	f.seal, err = openKeyRow(key, storageKey)
	return err
}

// useLog switches a file to a write-ahead log. SQLite does not wait for another process
// that is doing the same, so this function does.
func (f *file) useLog() error {
	for ; ; time.Sleep(5 * time.Millisecond) {
		err := f.exec("PRAGMA journal_mode = WAL")
		if err == nil || time.Now().After(f.conn.until) || !errors.Is(err, errBusy) {
			return err
		}
	}
}

// checkSchema returns the file's schema version, if this library supports it.
func (f *file) checkSchema() (version int64, err error) {
	id, err := f.number("PRAGMA application_id")
	if err != nil {
		return 0, err
	}
	version, err = f.number("PRAGMA user_version")
	switch {
	case err != nil:
		return 0, err
	case id != applicationID:
		return 0, status.New(status.StoreCorrupt, "the file is a database of another program")
	case version > schemaVersion:
		return 0, status.New(status.Unsupported, "the store has schema version %d; this library supports up to %d", version, schemaVersion)
	case tables[version] == nil:
		return 0, status.New(status.StoreCorrupt, "store has schema version %d", version)
	}
	return version, f.checkTables(version)
}

// checkTables rejects a file with anything but our tables in it. A trigger or a view would run
// SQL from anyone who could write the file: it could skip a write that the caller believes in,
// or never end.
func (f *file) checkTables(version int64) error {
	has, err := f.number("SELECT count(*) FROM sqlite_schema")
	if err != nil {
		return err
	}
	// SQLite's own index of a primary key has no text, so it is known by its name. A second row of that
	// name would give the index the pages of something else.
	indexes, err := f.number("SELECT count(*) FROM sqlite_schema WHERE sql IS NULL AND name = 'sqlite_autoindex_archives_1'")
	if err != nil {
		return err
	}
	ours := has == int64(len(tables[version]))+indexes && indexes <= 1
	for _, table := range tables[version] {
		n, err := f.number("SELECT count(*) FROM sqlite_schema WHERE sql = '" + table + "'")
		if err != nil {
			return err
		}
		ours = ours && n == 1
	}
	if !ours {
		return status.New(status.StoreCorrupt, "the schema is not that of a store")
	}
	return nil
}

// migrate migrates the file to today's schema, completely or not at all. A kill, a full disk or
// a power loss in the middle leaves the file unchanged.
func (f *file) migrate(storageKey []byte) error {
	return f.inTransaction(func() error {
		version, err := f.checkSchema() // another process may have been faster
		for err == nil && version < schemaVersion {
			if err = steps[version](f, storageKey); err == nil {
				version, err = f.checkSchema()
			}
		}
		return err
	})
}

// fromSecond migrates a file from schema 2, in which a session record has one row. Such a record is
// whole in its row of Sessions, and becomes several when it is next written. So only the table has another
// name: the older library would take a session row for all of it.
func (f *file) fromSecond(storageKey []byte) error {
	return f.fromTable("records", storageKey, archiveTable, chainTable)
}

// fromThird migrates a file from schema 3, in which a session record has no row in Chains. It gets one
// when it is next written. The older library would miss the chain keys.
func (f *file) fromThird(storageKey []byte) error {
	return f.fromTable("entries", storageKey, chainTable)
}

// fromTable renames the table of an older file, whose rows stay as they are, and makes other tables.
func (f *file) fromTable(table string, storageKey []byte, others ...string) error {
	key := change{table: keyTable, name: keyName}.key()
	rows, err := f.rows("SELECT kind, name, value FROM "+table+" WHERE kind = ? AND name = ?", key)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return errNoHead(keyName)
	}
	seal, err := openKeyRow(rows[0].value, storageKey)
	if err != nil {
		return err
	}
	seal.wipe()
	if err := f.execAll(append(others, "ALTER TABLE "+table+" RENAME TO items", setVersion)...); err != nil {
		return err
	}
	value, err := queryText(f.conn, "SELECT value FROM link")
	if err != nil {
		return f.failed("read", err)
	}
	next, err := nextLink(value)
	if err != nil {
		return err
	}
	_, err = f.conn.ExecContext(noContext, "UPDATE link SET value = ?", next)
	return f.failed("write", err)
}

// fromFirst migrates a file from schema 1: it gets its own data key, rows bound to the store, and the
// chain of commits. See firstSealer for the records.
func (f *file) fromFirst(storageKey []byte) error {
	id, keys := newStoreID(), newDataKeys()
	defer keys.wipe()
	var first *firstSealer
	if storageKey != nil {
		secret.Do(func() {
			keys.hasFirst = true
			firstKeys(&keys.firstRecord, &keys.firstRowName, storageKey)
			first = firstSealerOf(&keys.firstRecord, &keys.firstRowName)
		})
	}
	defer first.wipe()
	mark, err := f.firstRow(keyTable, first.rowName(keyTable, firstMarkName))
	if err != nil {
		return err
	}
	if err := first.checkMark(mark); err != nil {
		return err
	}
	if err := f.makeTables(); err != nil {
		return err
	}
	if err := f.writeHead(id, keys, storageKey); err != nil {
		return err
	}
	if err := f.moveFirst(); err != nil {
		return err
	}
	return f.exec("DROP TABLE record")
}

// moveFirst moves every record, some at a time.
func (f *file) moveFirst() error {
	const some = 64
	last := change{name: ""}
	for {
		rows, err := f.firstRows(last, some)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, row := range rows {
			value := f.seal.sealFirst(row.table, row.name, row.value)
			if f.seal.aead == nil {
				value = f.seal.seal(row.table, row.name, row.name, row.value)
			}
			if err := f.insert(row.table, row.name, value); err != nil {
				return err
			}
		}
		last = rows[len(rows)-1]
	}
}

func (f *file) firstRow(t Table, rowName string) ([]byte, error) {
	rows, err := f.rows("SELECT kind, name, value FROM record WHERE kind = ? AND name = ?", change{table: t, name: rowName}.key())
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0].value, nil
}

func (f *file) firstRows(after change, most int64) ([]change, error) {
	args := append(after.key(), driver.NamedValue{Ordinal: 3, Value: most})
	return f.rows("SELECT kind, name, value FROM record WHERE kind > 0 AND (kind, name) > (?, ?) ORDER BY kind, name LIMIT ?", args)
}
