//go:build !linux || android

package store

import (
	"errors"
	"os"

	"libcallkey/core/status"
)

// rename gives a file the name to, which no file may have. Android before version 11 kills an app
// that calls renameat2.
func rename(from, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return errTaken
	}
	if err := os.Rename(from, to); err != nil {
		return status.New(status.Store, "the copy can't be renamed: %v", errors.Unwrap(err))
	}
	return nil
}
