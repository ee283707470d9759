//go:build !linux

package store

import (
	"fmt"
	"time"

	"github.com/mattn/go-sqlite3"
)

// layer is a connection's file layer: SQLite's own. Waiting ends by SQLite's busy timeout.
type layer struct {
	timeout int64 // milliseconds, as it was set last
}

func newLayer(until time.Time) *layer { return &layer{timeout: waitFor(until)} }
func (l *layer) option() string       { return "" }
func (l *layer) close()               {}

// waitUntil says when SQLite has waited long enough.
func (l *layer) waitUntil(conn *sqlite3.SQLiteConn, until time.Time) {
	rest := waitFor(until)
	if rest != l.timeout {
		conn.ExecContext(noContext, fmt.Sprintf("PRAGMA busy_timeout = %d", rest), nil)
		l.timeout = rest
	}
}
