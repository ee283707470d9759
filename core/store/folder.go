package store

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"

	"libcallkey/core/status"
)

// folder is the folder of a store's file, by a path without links.
type folder struct {
	path  string
	id    fileID
	close func()
}

// maxLinks is the limit of symbolic links on the way to a file, as in Linux itself.
const maxLinks = 40

// findFolder follows a path to the folder of the file, existing or not yet made, and to its
// name there. It also follows a link with a missing target, because SQLite would make that
// target.
//
// Errors: STORE, errNoFolder.
func findFolder(path string) (folder, string, error) {
	var before folder // the folder in which the path may begin
	for range maxLinks {
		dir, name := filepath.Split(path)
		if isFolder(name) {
			before.leave()
			return folder{}, "", errFolder
		}
		at, err := openFolder(dir, name)
		before.leave()
		if err != nil {
			return folder{}, "", err
		}
		target, err := os.Readlink(at.file(name))
		if err != nil {
			return at, name, nil // not a link; opening it shows what it is
		}
		if path = target; !filepath.IsAbs(target) {
			path = at.file(target)
		}
		before = at
	}
	before.leave()
	return folder{}, "", status.New(status.Store, "store path has too many symbolic links")
}

// isFolder reports whether the last part of a path can only be a folder.
func isFolder(name string) bool { return name == "" || name == "." || name == ".." }

var errFolder = status.Because(syscall.EISDIR, status.Store, "the path names a folder")

// hasRoom rejects a file name that is too long for SQLite's suffixes.
func hasRoom(path string) error {
	if _, err := statFile(path + "-journal"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return status.New(status.Store, "store file can't be created: with -journal at its end, %v", reason(err))
	}
	return nil
}

// file returns the path of a file in the folder. It does not clean the path: "link/.." is
// not the folder of the link.
func (f folder) file(name string) string { return f.path + string(filepath.Separator) + name }

func (f folder) leave() {
	if f.close != nil {
		f.close()
	}
}

// namedFolder returns the folder by its path without links.
func namedFolder(dir string) (folder, error) {
	if dir == "" {
		dir = "."
	}
	path, err := filepath.EvalSymlinks(dir)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return folder{}, noFolder(err)
	}
	info, err := statFolder(path)
	if err != nil {
		return folder{}, noFolder(err)
	}
	return folder{path: path, id: info.id}, nil
}

func noFolder(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return errNoFolder
	}
	return status.New(status.Store, "store folder can't be opened: %v", reason(err))
}

var errNoFolder = status.Because(syscall.ENOENT, status.Store, "the store's folder does not exist")

// reason returns an operating system's error without the path, which may be longer than any
// text.
func reason(err error) error {
	var of *os.PathError
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}
