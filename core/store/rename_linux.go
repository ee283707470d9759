//go:build !android

package store

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"libcallkey/core/status"
)

// rename renames a file to a name that must be free.
func rename(from, to string) error {
	err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	switch {
	case errors.Is(err, unix.EEXIST):
		return errTaken
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOSYS): // an older kernel, another file system
		if _, err := os.Lstat(to); err == nil {
			return errTaken
		}
		if err = os.Rename(from, to); err != nil {
			err = errors.Unwrap(err)
		}
	}
	if err != nil {
		return status.New(status.Store, "the copy can't be renamed: %v", err)
	}
	return nil
}
