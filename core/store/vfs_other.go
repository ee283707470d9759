//go:build !linux

package store

import (
	"fmt"
	"time"

	"github.com/mattn/go-sqlite3"
)

// layer is a connection's file layer: SQLite's own. SQLite's busy timeout ends the
// waiting.
type layer struct {
	timeout int64 // milliseconds, as last set
}

func newLayer(until time.Time) *layer { return &layer{timeout: waitFor(until)} }
func (l *layer) option() string       { return "" }
func (l *layer) close()               {}

// waitUntil sets the time until which SQLite waits.
func (l *layer) waitUntil(conn *sqlite3.SQLiteConn, until time.Time) {
	rest := waitFor(until)
	if rest != l.timeout {
		conn.ExecContext(noContext, fmt.Sprintf("PRAGMA busy_timeout = %d", rest), nil)
		l.timeout = rest
	}
}
