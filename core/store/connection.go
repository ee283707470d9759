package store

import (
	"fmt"
	"math"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/mattn/go-sqlite3"
)

// connection is a connection to SQLite, with its own file layer.
type connection struct {
	*sqlite3.SQLiteConn
	layer *layer
	until time.Time // SQLite waits for other processes until then
}

// connect opens an existing file, by a path without links.
func connect(path string, until time.Time) (*connection, error) {
	layer := newLayer(until)
	opened, err := (&sqlite3.SQLiteDriver{}).Open(fmt.Sprintf("%s?mode=rw&_mutex=no&_busy_timeout=%d%s", uri(path), waitFor(until), layer.option()))
	if err != nil {
		layer.close()
		return nil, failed("open", err)
	}
	return &connection{opened.(*sqlite3.SQLiteConn), layer, until}, nil
}

// waitUntil sets the time until which SQLite waits in the following statements. After it they
// return BUSY at once instead of waiting.
func (c *connection) waitUntil(until time.Time) {
	c.until = until
	c.layer.waitUntil(c.SQLiteConn, until)
}

// waitFor returns the remaining time in milliseconds, for SQLite.
func waitFor(until time.Time) int64 {
	return min(max((time.Until(until)+time.Millisecond-1).Milliseconds(), 0), math.MaxInt32)
}

func (c *connection) Close() error {
	err := c.SQLiteConn.Close()
	if err == nil {
		c.layer.close()
	}
	return err
}

// uri returns a path with any characters in SQLite's form (sqlite.org/uri.html). On Windows
// C:\x is file:///C:/x.
func uri(absolute string) string {
	path := filepath.ToSlash(absolute)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return "file://" + (&url.URL{Path: path}).EscapedPath()
}
