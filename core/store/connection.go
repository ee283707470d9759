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

// connection is one to SQLite, with a file layer of its own.
type connection struct {
	*sqlite3.SQLiteConn
	layer *layer
	until time.Time // SQLite waits for other processes until then
}

// connect opens a file that is there, by a path without a link.
func connect(path string, until time.Time) (*connection, error) {
	layer := newLayer(until)
	opened, err := (&sqlite3.SQLiteDriver{}).Open(fmt.Sprintf("%s?mode=rw&_mutex=no&_busy_timeout=%d%s", uri(path), waitFor(until), layer.option()))
	if err != nil {
		layer.close()
		return nil, failed("open", err)
	}
	return &connection{opened.(*sqlite3.SQLiteConn), layer, until}, nil
}

// waitUntil says when SQLite has waited long enough in the statements that follow. Then they are
// BUSY at once if they would wait.
func (c *connection) waitUntil(until time.Time) {
	c.until = until
	c.layer.waitUntil(c.SQLiteConn, until)
}

// waitFor is the rest of the time in milliseconds, as SQLite takes it.
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

// uri is how SQLite takes a path with any character in it (sqlite.org/uri.html). On Windows
// C:\x is file:///C:/x.
func uri(absolute string) string {
	path := filepath.ToSlash(absolute)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return "file://" + (&url.URL{Path: path}).EscapedPath()
}
