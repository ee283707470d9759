//go:build !linux || android

package store

import (
	"errors"
	"os"

	"libcallkey/core/status"
)

// rename renames a file to a name that must be free. Android before version 11 kills an app that
// calls renameat2.
func rename(from, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return errTaken
	}
	if err := os.Rename(from, to); err != nil {
		return status.New(status.Store, "the copy can't be renamed: %v", errors.Unwrap(err))
	}
	return nil
}
