package store

import (
	"database/sql/driver"
	"errors"
	"io"

	"github.com/mattn/go-sqlite3"

	"libcallkey/core/status"
)

func (f *file) exec(text string) error {
	_, err := f.conn.ExecContext(noContext, text, nil)
	return f.failed("write", err)
}

func (f *file) execAll(texts ...string) error {
	for _, text := range texts {
		if err := f.exec(text); err != nil {
			return err
		}
	}
	return nil
}

// number returns the first column of a query's first row.
func (f *file) number(text string) (int64, error) {
	value, err := queryText(f.conn, text)
	if err != nil {
		return 0, f.failed("read", err)
	}
	n, _ := value.(int64)
	return n, nil
}

// headRow returns a row of kind 0, which every store has.
func (f *file) headRow(name string) ([]byte, error) {
	value, err := queryOne(f.items.selects, change{table: keyTable, name: name}.key())
	if errors.Is(err, io.EOF) {
		return nil, errNoHead(name)
	}
	if err != nil {
		return nil, f.failed("read", err)
	}
	row, ok := value.([]byte)
	if !ok {
		return nil, errRecord
	}
	return row, nil
}

func errNoHead(name string) error {
	return status.New(status.StoreCorrupt, "the store lacks its %s row", name)
}

// rows lists rows of kind, name and value.
func (f *file) rows(text string, args []driver.NamedValue) (found []change, err error) {
	rows, err := f.conn.QueryContext(noContext, text, args)
	if err != nil {
		return nil, f.failed("read", err)
	}
	return f.changesIn(rows)
}

// changesIn reads rows of kind, name and value, and closes them. The rows of Chains have none of these, so
// one of that kind is forged.
func (f *file) changesIn(rows driver.Rows) (found []change, err error) {
	defer rows.Close()
	dest := make([]driver.Value, 3)
	for {
		err := rows.Next(dest)
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return nil, f.failed("read", err)
		}
		kind, kinded := dest[0].(int64)
		name, named := dest[1].([]byte)
		value, filled := dest[2].([]byte)
		if !kinded || kind < 0 || kind > maxTable || kind == int64(Chains) || !named || !filled {
			return nil, errRecord
		}
		found = append(found, change{Table(kind), string(name), value})
	}
}

// nameArg returns the name of a row as the argument of a statement.
func nameArg(t Table, rowName string) driver.Value {
	if t == Chains {
		return chainID(rowName)
	}
	return []byte(rowName)
}

// nameIn returns the name of a row from the result of a statement.
func nameIn(t Table, result driver.Value) (rowName string, ok bool) {
	if t == Chains {
		id, ok := result.(int64)
		return chainName(id), ok
	}
	name, ok := result.([]byte)
	return string(name), ok
}

// queryText is queryOne for a statement that is not kept.
func queryText(conn *connection, text string) (driver.Value, error) {
	prepared, err := conn.Prepare(text)
	if err != nil {
		return nil, err
	}
	defer prepared.Close()
	return queryOne(prepared.(*sqlite3.SQLiteStmt), nil)
}

// maxRunBytes is the most bytes of arguments that run gives to QueryContext.
const maxRunBytes = 64 << 10

// run executes a statement that returns no rows. ExecContext would call C for each argument;
// QueryContext does everything in one call. But the statement keeps memory for the most bytes that it
// ever had, outside of Go, until the store is closed: so large rows go the other way.
func run(statement *sqlite3.SQLiteStmt, args []driver.NamedValue) error {
	size := 0
	for _, a := range args {
		if b, ok := a.Value.([]byte); ok {
			size += len(b)
		}
	}
	if size > maxRunBytes {
		_, err := statement.ExecContext(noContext, args)
		return err
	}
	rows, err := statement.QueryContext(noContext, args)
	if err != nil {
		return err
	}
	return rows.Close()
}

// queryOne returns the first column of the first row; io.EOF without one.
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
