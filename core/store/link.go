package store

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"
	"time"

	"libcallkey/core/status"
)

// Every commit names itself and the one before it, in the one row of the table link. So a
// write-ahead log shows which file it continues. SQLite itself does not know: if someone
// replaces a file with an old copy, SQLite would replay the log beside it over the copy. It
// would report neither error nor damage; the file would just have pages of both.
//
//	16 bytes  linkMagic, by which the row is found in a page of the log
//	16 bytes  this commit, random
//	16 bytes  the commit before it; zero of a file's first
const linkBytes = 3 * 16

var linkMagic = [16]byte{'c', 'a', 'l', 'l', 'k', 'e', 'y', ' ', 'c', 'o', 'm', 'm', 'i', 't', 0x9e, 0x37}

// commitID names a commit; zero stands before the first.
type commitID [16]byte

// linkRow returns the row of the commit after before.
func linkRow(before commitID) []byte {
	row := append(make([]byte, 0, linkBytes), linkMagic[:]...)
	var this commitID
	rand.Read(this[:])
	row = append(row, this[:]...)
	return append(row, before[:]...)
}

type link struct{ this, before commitID }

// linksIn finds the links in a row or in pages.
func linksIn(b []byte) (found []link) {
	for {
		at := bytes.Index(b, linkMagic[:]) // public: a constant
		if at < 0 || len(b)-at < linkBytes {
			return found
		}
		found = append(found, link{commitID(b[at+16:]), commitID(b[at+32:])})
		b = b[at+linkBytes:]
	}
}

// checkLog rejects a file with another file's log beside it. Call it before SQLite opens the
// file, because SQLite replays the log at once. Other processes may be at work: their changes
// between two reads can look like a foreign log for a moment. Errors: STORE.
func checkLog(path string) error {
	const looks, pause = 40, 5 * time.Millisecond
	for look := 1; ; look++ {
		fits, err := logFits(path)
		if fits && err == nil {
			return nil
		}
		if look == looks {
			if err == nil {
				err = status.New(status.Store, "the log beside the store's file (its name with -wal) belongs to another file: "+
					"put back the file that it belongs to, or move the log away and open the store as an old copy")
			}
			return err
		}
		time.Sleep(pause)
	}
}

func logFits(path string) (bool, error) {
	log, err := os.Open(path + "-wal")
	if errors.Is(err, os.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, unreadable("log", err)
	}
	defer log.Close()
	commits, some, err := commitsIn(log)
	if err != nil || !some {
		return err == nil, err // a log without a complete commit continues every file
	}
	newest, err := newestIn(path)
	return fits(commits, newest), err
}

// newestIn returns the newest commit in the file itself, without its log; zero if there is none:
// then the file has schema 1. No log can continue an empty file: SQLite would delete the log. It
// does not read the file as a database, because after a crash during a checkpoint the file alone
// is not one. Call it before SQLite opens the file: closing our descriptor would drop SQLite's
// locks.
func newestIn(path string) (newest []commitID, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, unreadable("file", err)
	}
	defer file.Close()
	pages := make([]byte, maxPageSize) // a whole number of pages
	for empty := true; ; empty = false {
		n, err := io.ReadFull(file, pages)
		for _, l := range linksIn(pages[:n]) {
			newest = append(newest, l.this)
		}
		if err != nil {
			if len(newest) == 0 && !(empty && n == 0) {
				newest = []commitID{{}}
			}
			return newest, endOf("file", err)
		}
	}
}

// fits reports whether a log continues a file with the newest commit: the log has that commit,
// or begins with the next one. A record of a plaintext store can look like a commit, in the
// file and in the log; so one match is enough.
func fits(commits []link, newest []commitID) bool {
	if len(commits) == 0 {
		return slices.Contains(newest, commitID{}) // public: names of commits, none if both have schema 1
	}
	return slices.ContainsFunc(commits, func(c link) bool {
		return slices.Contains(newest, c.this) || slices.Contains(newest, c.before)
	})
}

// A write-ahead log (sqlite.org/fileformat2.html#walformat): a header of 32 bytes, and
// frames of a header of 24 bytes and a page.
const (
	logHeaderBytes   = 32
	frameHeaderBytes = 24

	logMagic    = 0x377f0682 // or plus 1: sums over big-endian words
	maxPageSize = 1 << 16
)

// commitsIn lists the links in the log's complete commits. some: there are complete
// commits.
func commitsIn(log io.Reader) (commits []link, some bool, err error) {
	header := make([]byte, logHeaderBytes)
	if _, err := io.ReadFull(log, header); err != nil {
		return nil, false, endOf("log", err)
	}
	magic, pageSize := binary.BigEndian.Uint32(header), binary.BigEndian.Uint32(header[8:])
	if magic&^1 != logMagic || pageSize < 512 || pageSize > maxPageSize {
		return nil, false, nil // SQLite treats it as empty
	}
	sum := logSum{order: binary.ByteOrder(binary.LittleEndian)}
	if magic&1 == 1 {
		sum.order = binary.BigEndian
	}
	if sum.add(header[:24]); !sum.is(header[24:]) {
		return nil, false, nil
	}
	var pending []link
	frame := make([]byte, frameHeaderBytes+pageSize)
	for {
		if _, err := io.ReadFull(log, frame); err != nil {
			return commits, some, endOf("log", err)
		}
		sum.add(frame[:8])
		sum.add(frame[frameHeaderBytes:])
		if !bytes.Equal(frame[8:16], header[16:24]) || !sum.is(frame[16:]) { // public: salts and sums of the log
			return commits, some, nil // of an earlier round, or torn
		}
		pending = append(pending, linksIn(frame[frameHeaderBytes:])...)
		if binary.BigEndian.Uint32(frame[4:]) != 0 { // the frame ends a commit
			commits, pending, some = append(commits, pending...), pending[:0], true
		}
	}
}

func endOf(what string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return unreadable(what, err)
}

func unreadable(what string, err error) error {
	return status.New(status.Store, "the store's %s can't be read: %v", what, reason(err))
}

// logSum is the log's running checksum.
type logSum struct {
	order  binary.ByteOrder
	s0, s1 uint32
}

func (s *logSum) add(b []byte) {
	for ; len(b) >= 8; b = b[8:] {
		s.s0 += s.order.Uint32(b) + s.s1
		s.s1 += s.order.Uint32(b[4:]) + s.s0
	}
}

func (s *logSum) is(b []byte) bool {
	return binary.BigEndian.Uint32(b) == s.s0 && binary.BigEndian.Uint32(b[4:]) == s.s1
}
