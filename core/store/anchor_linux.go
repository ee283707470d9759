package store

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"golang.org/x/sys/unix"

	"libcallkey/core/status"
)

// SQLite's locks are POSIX locks: the process loses all of them on a file if any code in it, e.g.
// a second SQLite, closes any descriptor of that file. Locks of an open file description
// (fcntl(2), F_OFD_SETLK) are not lost. Ours are on bytes beyond the end of any file:
//
//   - commitByte, for writing, while a process opens, commits or closes. Two processes never
//     do so at once, even if SQLite's locks are lost.
//   - one byte for the name, for reading, while the store is open: a hash of the folder and the
//     name in it. A lock on another byte means that a process has the file open under another
//     name, with another -wal.
//
// And one POSIX lock, on a byte that no other process locks: it is lost exactly when SQLite's are.
const (
	commitByte = 1<<60 - 1
	firstName  = 1 << 60
	nameBits   = 40
	lastName   = firstName + 1<<nameBits - 1
	firstMark  = 1 << 61
	markBits   = 56

	// SQLite's own (sqlite.org/fileformat2.html#the_lock_byte_page).
	sharedBytes  = 1<<30 + 2
	sharedLength = 510
)

// anchor is a descriptor of a store's file. It stays open as long as SQLite has one in this
// process.
type anchor struct {
	fd      int
	locks   bool  // the file system supports such locks
	name    int64 // byte of the claimed name
	mark    int64 // byte of the POSIX lock, 0: none yet
	strange []int // descriptors of other files that the process may have locks on
}

// openAnchor opens the file described by info.
func openAnchor(path string, info fileInfo) (*anchor, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, status.New(status.Store, "store file can't be opened for writing: %v", err)
	}
	a := &anchor{fd: fd, locks: true}
	var s unix.Stat_t
	if err := unix.Fstat(fd, &s); err != nil || (fileID{uint64(s.Dev), s.Ino}) != info.id {
		// Another file took its place. It may be a store of this process: then closing this
		// descriptor would drop that store's locks.
		if other := places.open[fileID{uint64(s.Dev), s.Ino}]; other != nil {
			other.anchor.strange = append(other.anchor.strange, fd)
		} else {
			unix.Close(fd)
		}
		return nil, errMoved
	}
	if !keepFromChildren(fd) {
		unix.Close(fd)
		return nil, status.New(status.Store, "store file can't be opened: no memory")
	}
	return a, nil
}

// claim shows all processes the name under which this one uses the file. The caller holds the
// commit byte.
func (a *anchor) claim(f folder, name string) error {
	if !a.locks {
		return nil
	}
	hash := sha256.New()
	binary.Write(hash, binary.LittleEndian, [2]uint64{f.id.device, f.id.number})
	hash.Write([]byte(name))
	a.name = firstName + int64(binary.LittleEndian.Uint64(hash.Sum(nil))&(1<<nameBits-1))
	if _, err := a.set(unix.F_RDLCK, a.name); err != nil {
		return err
	}
	for _, others := range [][2]int64{{firstName, a.name - 1}, {a.name + 1, lastName}} {
		locked, err := a.locked(others[0], others[1])
		if err != nil {
			return err
		}
		if locked {
			a.set(unix.F_UNLCK, a.name)
			return errOtherName
		}
	}
	return nil
}

// tells reports whether names claimed by other processes are visible.
func (a *anchor) tells() bool { return a.locks }

// take locks the commit byte, unless another process has it.
func (a *anchor) take() (bool, error) { return a.set(unix.F_WRLCK, commitByte) }

func (a *anchor) give() { a.set(unix.F_UNLCK, commitByte) }

// markLocks makes the loss of SQLite's locks visible. SQLite must hold them already: until then it
// releases all locks on the file between its steps.
func (a *anchor) markLocks() error {
	if !a.locks {
		return nil
	}
	var b [8]byte
	rand.Read(b[:])
	a.mark = firstMark + int64(binary.LittleEndian.Uint64(b[:])&(1<<markBits-1))
	l := unix.Flock_t{Type: unix.F_RDLCK, Start: a.mark, Len: 1}
	if err := unix.FcntlFlock(uintptr(a.fd), unix.F_SETLK, &l); err != nil {
		return status.New(status.Store, "store file can't be locked: %v", err)
	}
	return nil
}

// hasLocks reports whether the process still has the locks that it had at markLocks.
func (a *anchor) hasLocks() (bool, error) {
	if a.mark == 0 {
		return true, nil
	}
	return a.locked(a.mark, a.mark)
}

// keepLog stops SQLite from ending the log when it closes the file: SQLite first locks all of these
// bytes. It returns false if it can't.
func (a *anchor) keepLog() bool {
	l := unix.Flock_t{Type: unix.F_RDLCK, Start: sharedBytes, Len: sharedLength}
	err := unix.FcntlFlock(uintptr(a.fd), unix.F_OFD_SETLK, &l)
	// A lock of another process that conflicts with this one also conflicts with
	// SQLite's.
	return err == nil || errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES)
}

// set returns false if another process's lock conflicts.
func (a *anchor) set(kind int16, at int64) (bool, error) {
	if !a.locks {
		return true, nil
	}
	l := unix.Flock_t{Type: kind, Start: at, Len: 1}
	err := unix.FcntlFlock(uintptr(a.fd), unix.F_OFD_SETLK, &l)
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EACCES):
		return false, nil
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.ENOLCK):
		if a.name == 0 { // the first lock of all: such locks are not supported here
			a.locks = false
			return true, nil
		}
	}
	return false, status.New(status.Store, "store file can't be locked: %v", err)
}

// locked reports whether another descriptor has a lock on one of the bytes.
func (a *anchor) locked(first, last int64) (bool, error) {
	if first > last {
		return false, nil
	}
	l := unix.Flock_t{Type: unix.F_WRLCK, Start: first, Len: last - first + 1}
	if err := unix.FcntlFlock(uintptr(a.fd), unix.F_OFD_GETLK, &l); err != nil {
		return false, status.New(status.Store, "store file's locks can't be read: %v", err)
	}
	return l.Type != unix.F_UNLCK, nil
}

// close releases all locks explicitly: a child of fork may have the descriptor too.
func (a *anchor) close() {
	all := unix.Flock_t{Type: unix.F_UNLCK}
	unix.FcntlFlock(uintptr(a.fd), unix.F_OFD_SETLK, &all)
	for _, fd := range a.strange {
		unix.Close(fd)
	}
	closeKept(a.fd)
}
