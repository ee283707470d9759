package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// noteAttribute is an extended attribute of the file, from before its log is made until the log has
// ended. It records the name that the log is beside: after a crash the file alone may get another
// name, and the steps in its log would silently be missing there. A copy of the file has another
// number, so the note does not apply to it.
//
//	8 bytes   number of the file
//	16 bytes  hash of the folder's number and the name in it
const noteAttribute = "user.callkey.log"

const noteBytes = 8 + 16

// noteOf omits the device, which can have another number after a reboot.
func noteOf(file, folder fileID, name string) []byte {
	hash := sha256.New()
	binary.Write(hash, binary.LittleEndian, folder.number)
	hash.Write([]byte(name))
	return hash.Sum(binary.LittleEndian.AppendUint64(nil, file.number))[:noteBytes]
}

// noted reports whether the file's note says that its log is elsewhere.
func (a *anchor) noted(note []byte) (elsewhere bool) {
	var b [noteBytes + 1]byte
	n, err := unix.Fgetxattr(a.fd, noteAttribute, b[:])
	return err == nil && n == noteBytes && bytes.Equal(b[:8], note[:8]) && !bytes.Equal(b[:n], note) // public: where the log is
}

// note returns false if the file system does not support such attributes.
func (a *anchor) note(note []byte) bool { return unix.Fsetxattr(a.fd, noteAttribute, note, 0) == nil }

func (a *anchor) forget() { unix.Fremovexattr(a.fd, noteAttribute) }
