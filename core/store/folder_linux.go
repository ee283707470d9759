package store

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// longestPath is SQLite's limit, minus the length of -journal.
const longestPath = 512 - 8

// openFolder lets the system find the folder. Its path is the system's own for it, or, if that
// is too long for SQLite, the name of a descriptor.
func openFolder(dir, name string) (folder, error) {
	if dir == "" {
		dir = "."
	}
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return folder{}, noFolder(err)
	}
	leave := func() { unix.Close(fd) }
	descriptor := fmt.Sprintf("/proc/self/fd/%d", fd)
	info, err := statFolder(descriptor)
	if err != nil { // no /proc
		leave()
		return namedFolder(dir)
	}
	f := folder{path: descriptor, id: info.id, close: leave}
	path, err := os.Readlink(descriptor)
	if err != nil || len(path)+1+len(name) > longestPath {
		return f, nil
	}
	if found, err := statFolder(path); err == nil && found.id == f.id {
		leave()
		f.path, f.close = path, nil
	}
	return f, nil
}
