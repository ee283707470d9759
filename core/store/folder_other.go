//go:build !linux

package store

// openFolder is the folder under the only path that SQLite takes.
func openFolder(dir, _ string) (folder, error) { return namedFolder(dir) }
