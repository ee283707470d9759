//go:build !linux

package store

// anchor is empty on systems where closing a descriptor of the file drops all locks or none:
// there is nothing to hold.
type anchor struct{}

func openAnchor(string, fileInfo) (*anchor, error) { return &anchor{}, nil }
func (a *anchor) claim(folder, string) error       { return nil }
func (a *anchor) tells() bool                      { return false }
func (a *anchor) take() (bool, error)              { return true, nil }
func (a *anchor) give()                            {}
func (a *anchor) markLocks() error                 { return nil }
func (a *anchor) hasLocks() (bool, error)          { return true, nil }
func (a *anchor) keepLog() bool                    { return false }
func (a *anchor) close()                           {}
