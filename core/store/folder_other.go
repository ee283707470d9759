//go:build !linux

package store

// openFolder returns the folder by the only path that SQLite accepts.
func openFolder(dir, _ string) (folder, error) { return namedFolder(dir) }
