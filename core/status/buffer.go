package status

import "fmt"

// BufferError is the error of an output that is too small: BUFFER, with the size that the
// caller is told.
type BufferError struct {
	Room int    // what the output has room for
	Need int    // what it needs at most: who comes back with that is not refused again
	Unit string // what both count: "bytes", "prekeys"
}

func (e *BufferError) Error() string {
	return fmt.Sprintf("the output has room for %d %s and needs %d", e.Room, e.Unit, e.Need)
}

func (e *BufferError) Unwrap() error { return Buffer }

// Fits is nil if room is enough for need, else a *BufferError. A room below 0 has no limit.
func Fits(need, room int, unit string) error {
	if room >= 0 && need > room {
		return &BufferError{room, need, unit}
	}
	return nil
}
