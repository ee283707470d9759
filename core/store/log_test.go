package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"libcallkey/core/status"
)

// madeLog is a write-ahead log as SQLite writes it.
type madeLog struct {
	bytes.Buffer
	header []byte
	sum    logSum
}

func newLog(magic, pageSize uint32) *madeLog {
	l := &madeLog{header: make([]byte, logHeaderBytes)}
	l.sum.order = binary.LittleEndian
	if magic&1 == 1 {
		l.sum.order = binary.BigEndian
	}
	binary.BigEndian.PutUint32(l.header, magic)
	binary.BigEndian.PutUint32(l.header[4:], 3007000)
	binary.BigEndian.PutUint32(l.header[8:], pageSize)
	copy(l.header[16:], "saltsalt")
	l.sum.add(l.header[:24])
	l.put(l.header[24:])
	l.Write(l.header)
	return l
}

func (l *madeLog) put(b []byte) {
	binary.BigEndian.PutUint32(b, l.sum.s0)
	binary.BigEndian.PutUint32(b[4:], l.sum.s1)
}

// frame adds a page with a link. ends: it is the last of its commit.
func (l *madeLog) frame(row []byte, ends bool) {
	head, page := make([]byte, frameHeaderBytes), make([]byte, binary.BigEndian.Uint32(l.header[8:]))
	binary.BigEndian.PutUint32(head, 2)
	if ends {
		binary.BigEndian.PutUint32(head[4:], 9)
	}
	copy(head[8:], l.header[16:24])
	copy(page[100:], row)
	l.sum.add(head[:8])
	l.sum.add(page)
	l.put(head[16:])
	l.Write(head)
	l.Write(page)
}

func rowOf(this, before byte) []byte {
	row := linkRow(commitID{before})
	copy(row[16:], (&commitID{this})[:])
	return row
}

// If this failed, a log of another file could be played over a store's file, or the store's own log
// be refused, and with it the last steps of its sessions.
func TestCommitsInALog(t *testing.T) {
	for _, magic := range []uint32{logMagic, logMagic + 1} {
		for _, size := range []uint32{512, 4096, 65536} {
			l := newLog(magic, size)
			l.frame(rowOf(2, 1), true)
			l.frame(nil, false)
			l.frame(rowOf(3, 2), true)
			l.frame(rowOf(4, 3), false) // torn: its commit has no end
			log := l.Bytes()
			want := []link{{commitID{2}, commitID{1}}, {commitID{3}, commitID{2}}}
			commits, some, err := commitsIn(bytes.NewReader(log))
			if err != nil || !some || !slices.Equal(commits, want) {
				t.Fatalf("magic %x, pages of %d: %v, %v, %v", magic, size, commits, some, err)
			}
			frame := frameHeaderBytes + int(size)
			for n, whole := range map[int]int{
				0: 0, 31: 0, 32: 0, 33: 0, 32 + frame - 1: 0, 32 + frame: 1, 32 + 2*frame: 1, 32 + 3*frame - 1: 1, 32 + 3*frame: 2,
			} {
				commits, some, err := commitsIn(bytes.NewReader(log[:n]))
				if err != nil || some != (whole > 0) || !slices.Equal(commits, want[:whole]) {
					t.Errorf("pages of %d, the first %d bytes: %v, %v, %v", size, n, commits, some, err)
				}
			}
			// One wrong byte ends it: in the header, in a frame's header, in its page, in its sum.
			for at, whole := range map[int]int{
				0: 0, 3: 0, 5: 0, 12: 0, 17: 0, 24: 0, 31: 0, 32: 0, 32 + 8: 0, 32 + 16: 0, 32 + 23: 0, 32 + 24: 0, 32 + frame - 1: 0,
				32 + 2*frame + 5: 1, 32 + 2*frame + 15: 1, 32 + 2*frame + 20: 1, 32 + 3*frame - 1: 1, 32 + 3*frame + 1: 2,
			} {
				broken := bytes.Clone(log)
				broken[at] ^= 2
				commits, some, err := commitsIn(bytes.NewReader(broken))
				if err != nil || some != (whole > 0) || !slices.Equal(commits, want[:whole]) {
					t.Errorf("pages of %d, byte %d wrong: %v, %v, %v", size, at, commits, some, err)
				}
			}
		}
	}
	for _, size := range []uint32{256, 511, 65537} {
		l := newLog(logMagic, size)
		l.frame(nil, true)
		if _, some, err := commitsIn(&l.Buffer); some || err != nil {
			t.Errorf("pages of %d bytes: %v, %v", size, some, err)
		}
	}
	l := newLog(logMagic, 512)
	l.frame(rowOf(2, 1), true)
	broken := io.MultiReader(bytes.NewReader(l.Bytes()), iotest.ErrReader(errors.New("no")))
	if _, _, err := commitsIn(broken); status.Of(err) != status.Store {
		t.Errorf("a log that can't be read to its end: %v", err)
	}
	if _, some, err := commitsIn(iotest.ErrReader(errors.New("no"))); some || status.Of(err) != status.Store {
		t.Errorf("a log that can't be read: %v, %v", some, err)
	}
}

func TestLogThatFits(t *testing.T) {
	log := func(rows ...[]byte) io.Reader {
		l := newLog(logMagic, 512)
		for _, row := range rows {
			l.frame(row, true)
		}
		return &l.Buffer
	}
	for name, c := range map[string]struct {
		log  io.Reader
		last byte
		want bool
	}{
		"no log":                        {log(), 1, true},
		"it begins after the file":      {log(rowOf(2, 1), rowOf(3, 2)), 1, true},
		"its first is in the file":      {log(rowOf(2, 1), rowOf(3, 2)), 2, true},
		"all of it is in the file":      {log(rowOf(2, 1), rowOf(3, 2)), 3, true},
		"the file is older":             {log(rowOf(3, 2), rowOf(4, 3)), 1, false},
		"the file is newer":             {log(rowOf(2, 1), rowOf(3, 2)), 4, false},
		"commits without names":         {log(nil, nil), 0, true},
		"without names over a named":    {log(nil, nil), 1, false},
		"the first after an unnamed":    {log(rowOf(1, 0)), 0, true},
		"a later one after an unnamed":  {log(rowOf(2, 1)), 0, false},
		"a commit before of the second": {log(rowOf(2, 9), rowOf(3, 1)), 1, true},
	} {
		commits, some, err := commitsIn(c.log)
		if err != nil {
			t.Fatal(err)
		}
		if got := !some || fits(commits, []commitID{{c.last}}); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A link is found wherever it stands in a page, and only whole.
func TestLinkInAPage(t *testing.T) {
	row := rowOf(2, 1)
	for at := range 20 {
		page := append(append(make([]byte, at), row...), 1, 2, 3)
		if found := linksIn(page); !slices.Equal(found, []link{{commitID{2}, commitID{1}}}) {
			t.Errorf("at %d: %v", at, found)
		}
		if len(linksIn(page[:at+len(row)])) != 1 {
			t.Errorf("at %d, at the end of the page, it is not found", at)
		}
		if len(linksIn(page[:at+len(row)-1])) != 0 {
			t.Errorf("at %d, cut, it is found", at)
		}
	}
	if a, b := linkRow(commitID{1}), linkRow(commitID{1}); bytes.Equal(a, b) || len(a) != linkBytes {
		t.Errorf("two commits have one name: %x", a)
	}
}
