//go:build unix

package store

import (
	"errors"
	"syscall"
)

// statFile does not follow a link.
func statFile(path string) (fileInfo, error) {
	var s syscall.Stat_t
	err := syscall.Lstat(path, &s)
	for errors.Is(err, syscall.EINTR) {
		err = syscall.Lstat(path, &s)
	}
	return infoOf(&s), err
}

func statFolder(path string) (fileInfo, error) {
	var s syscall.Stat_t
	err := syscall.Stat(path, &s)
	for errors.Is(err, syscall.EINTR) {
		err = syscall.Stat(path, &s)
	}
	return infoOf(&s), err
}

func infoOf(s *syscall.Stat_t) fileInfo {
	return fileInfo{
		id:      fileID{uint64(s.Dev), uint64(s.Ino)},
		links:   uint64(s.Nlink),
		regular: s.Mode&syscall.S_IFMT == syscall.S_IFREG,
		size:    s.Size,
	}
}
