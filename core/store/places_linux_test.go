package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"

	"libcallkey/core/status"
)

// placed is an open store in its own folder, and its place.
func placed(t *testing.T) (*Store, *place) {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "s"), bytes.Repeat([]byte{7}, StorageKeyBytes), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, s.backend.(*file).place
}

// another puts another file in the place of one.
func another(path string) error {
	err := os.Rename(path, path+".was")
	if err == nil {
		err = os.WriteFile(path, make([]byte, 1<<20), 0o600)
	}
	return err
}

func gone(path string) error { return os.Rename(path, path+".was") }

func back(path string) error { return os.Rename(path+".was", path) }

// What was lost once is lost: a file that comes back may have missed steps, or another process may
// have read what was there before.
func TestLostStoreStaysLost(t *testing.T) {
	for name, c := range map[string]struct {
		lose func(p *place) error
		find func(p *place) error
		want error
	}{
		"the file":         {func(p *place) error { return gone(p.path) }, func(p *place) error { return back(p.path) }, errMoved},
		"another file":     {func(p *place) error { return another(p.path) }, func(p *place) error { return back(p.path) }, errMoved},
		"the log":          {func(p *place) error { return gone(p.wal) }, func(p *place) error { return back(p.wal) }, errLogMoved},
		"another log":      {func(p *place) error { return another(p.wal) }, func(p *place) error { return back(p.wal) }, errLogMoved},
		"the index":        {func(p *place) error { return gone(p.shm) }, func(p *place) error { return back(p.shm) }, errLogMoved},
		"another index":    {func(p *place) error { return another(p.shm) }, func(p *place) error { return back(p.shm) }, errLogMoved},
		"the end of it":    {func(p *place) error { return os.Truncate(p.path, p.main.size-1) }, func(p *place) error { return os.Truncate(p.path, p.main.size) }, errCut},
		"nothing: it grew": {func(p *place) error { return os.Truncate(p.path, p.main.size+4096) }, func(p *place) error { return os.Truncate(p.path, p.main.size) }, nil},
		"nothing at all":   {func(p *place) error { return nil }, func(p *place) error { return nil }, nil},
		"the locks of SQLite": {func(p *place) error {
			f, err := os.Open(p.path)
			if err == nil {
				err = f.Close()
			}
			return err
		}, func(p *place) error { return nil }, errLocksLost},
	} {
		t.Run(name, func(t *testing.T) {
			_, p := placed(t)
			if err := p.check(); err != nil {
				t.Fatal(err)
			}
			if err := c.lose(p); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := p.check(); err != c.want {
					t.Errorf("it is lost: %v, want %v", err, c.want)
				}
			}
			if err := c.find(p); err != nil {
				t.Fatal(err)
			}
			if err := p.check(); err != c.want {
				t.Errorf("it is there again: %v, want %v", err, c.want)
			}
		})
	}
}

// Between the look at a file and its opening by SQLite another can come in its place.
func TestFileThatIsReplacedWhileItIsOpened(t *testing.T) {
	for name, c := range map[string]struct {
		lose          func(p *place) error
		claim, settle error
	}{
		"nothing":             {func(p *place) error { return nil }, nil, nil},
		"the file":            {func(p *place) error { return gone(p.path) }, errMoved, errMoved},
		"another file":        {func(p *place) error { return another(p.path) }, errMoved, errMoved},
		"no log":              {func(p *place) error { return gone(p.wal) }, nil, errNoLog},
		"no index":            {func(p *place) error { return gone(p.shm) }, nil, errNoLog},
		"a folder as journal": {func(p *place) error { return os.Mkdir(p.path+"-journal", 0o700) }, errBeside, nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, p := placed(t)
			p.users.Store(0)
			if err := c.lose(p); err != nil {
				t.Fatal(err)
			}
			if err := p.claim(false); err != c.claim {
				t.Errorf("claim: %v, want %v", err, c.claim)
			}
			if err := p.settle(); err != c.settle {
				t.Errorf("settle: %v, want %v", err, c.settle)
			}
		})
	}
}

// The handling of the log depends on its owner.
func TestEndOfTheLog(t *testing.T) {
	for name, c := range map[string]struct {
		lose func(p *place) error
		want logEnd
	}{
		"everything is there":       {func(p *place) error { return nil }, endLog},
		"the file has another name": {func(p *place) error { return gone(p.path) }, moveLog},
		"another file has its name": {func(p *place) error { return another(p.path) }, keepLog},
		"the log is another":        {func(p *place) error { return another(p.wal) }, keepLog},
		"the log is gone":           {func(p *place) error { return gone(p.wal) }, keepLog},
		"both are gone":             {func(p *place) error { return errors.Join(gone(p.path), gone(p.wal)) }, keepLog},
		"another log, no file":      {func(p *place) error { return errors.Join(gone(p.path), another(p.wal)) }, keepLog},
		"the index is another":      {func(p *place) error { return another(p.shm) }, keepLog},
	} {
		t.Run(name, func(t *testing.T) {
			_, p := placed(t)
			if err := c.lose(p); err != nil {
				t.Fatal(err)
			}
			if got := p.logEnd(); got != c.want {
				t.Errorf("%d, want %d", got, c.want)
			}
		})
	}
}

// A call that may wait a millisecond must not wait for the thread that opens, commits or closes.
func TestHeldPlaceIsBusy(t *testing.T) {
	_, p := placed(t)
	if err := p.hold(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := p.hold(time.Now().Add(time.Millisecond)); err != errBusy {
		t.Errorf("held: %v", err)
	}
	waits := make(chan error)
	go func() { waits <- p.hold(time.Now().Add(time.Minute)) }()
	p.release()
	if err := <-waits; err != nil {
		t.Errorf("given back: %v", err)
	}
	p.release()
	if err := p.hold(time.Now()); err != nil {
		t.Errorf("free: %v", err)
	}
	p.release()
}

// A generation that does not parse, or is another row's, would make stale sessions seal.
func TestGenerationsThatAreNone(t *testing.T) {
	s, _ := placed(t)
	f := s.backend.(*file)
	write := func(name string, record []byte) error {
		return f.insert(keyTable, generationName, f.seal.seal(keyTable, generationName, name, record))
	}
	for name, c := range map[string]struct {
		name   string
		record []byte
		want   status.Code
	}{
		"as it is":       {generationName, []byte{3}, status.OK},
		"a large one":    {generationName, binary.AppendUvarint(nil, 1<<40), status.OK},
		"another's":      {"another", []byte{3}, status.StoreCorrupt},
		"empty":          {generationName, nil, status.StoreCorrupt},
		"half":           {generationName, []byte{0x83}, status.StoreCorrupt},
		"with more":      {generationName, []byte{3, 0}, status.StoreCorrupt},
		"over 64 bits":   {generationName, bytes.Repeat([]byte{0xff}, 11), status.StoreCorrupt},
		"as it is again": {generationName, []byte{3}, status.OK},
	} {
		if err := write(c.name, c.record); err != nil {
			t.Fatal(err)
		}
		if err := f.readGeneration(); status.Of(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want.Name())
		}
	}
}

// Each kind of SQLite's errors says something else to the app.
func TestFailuresOfSQLite(t *testing.T) {
	for code, want := range map[sqlite3.ErrNo]status.Code{
		sqlite3.ErrBusy: status.Busy, sqlite3.ErrLocked: status.Busy, sqlite3.ErrProtocol: status.Busy,
		sqlite3.ErrNotADB: status.StoreCorrupt, sqlite3.ErrCorrupt: status.StoreCorrupt, sqlite3.ErrFormat: status.StoreCorrupt,
		sqlite3.ErrFull: status.Store, sqlite3.ErrIoErr: status.Store, sqlite3.ErrReadonly: status.Store, sqlite3.ErrConstraint: status.Store,
		sqlite3.ErrCantOpen: status.Store, sqlite3.ErrError: status.Store,
	} {
		if err := failed("write", sqlite3.Error{Code: code}); status.Of(err) != want {
			t.Errorf("%v: %v, want %s", code, err, want.Name())
		}
	}
	if err := failed("write", errors.New("SECRET")); status.Of(err) != status.Store || strings.Contains(err.Error(), "SECRET") {
		t.Errorf("another error: %v", err)
	}
	if err := failed("write", nil); err != nil {
		t.Errorf("none: %v", err)
	}
}

// A failed copy returns an error and leaves nothing.
func TestCopiesThatCannotBeMade(t *testing.T) {
	s, p := placed(t)
	dir := filepath.Dir(p.path)
	before, _ := os.ReadDir(dir)
	for name, c := range map[string]struct {
		path string
		want status.Code
	}{
		"no path":                 {"", status.Argument},
		"a folder":                {dir + "/", status.Store},
		"this folder":             {dir + "/.", status.Store},
		"the folder above":        {dir + "/..", status.Store},
		"the store itself":        {p.path, status.Conflict},
		"its log":                 {p.wal, status.Conflict},
		"a folder that is not":    {filepath.Join(dir, "no", "where"), status.Store},
		"a name without room":     {filepath.Join(dir, strings.Repeat("n", 255)), status.Store},
		"a folder for no files":   {"/proc/self/callkey", status.Store},
		"a file as its folder":    {p.path + "/copy", status.Store},
		"a name that is too long": {filepath.Join(dir, strings.Repeat("n", 300)), status.Store},
	} {
		if err := s.Copy(c.path); status.Of(err) != c.want {
			t.Errorf("%s: %v (%s), want %s", name, err, status.Of(err).Name(), c.want.Name())
		}
	}
	if after, _ := os.ReadDir(dir); len(after) != len(before) {
		t.Errorf("left are %v", after)
	}
	if err := s.Copy(filepath.Join(dir, strings.Repeat("n", 240))); err != nil {
		t.Errorf("a long name: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Copy(filepath.Join(dir, "copy")); status.Of(err) != status.Handle {
		t.Errorf("of a closed store: %v", err)
	}
	if err := s.ChangeKey(make([]byte, StorageKeyBytes)); status.Of(err) != status.Handle {
		t.Errorf("another key for a closed store: %v", err)
	}
	if err := s.Close(); status.Of(err) != status.Handle {
		t.Errorf("closed twice: %v", err)
	}
}

// A store that is closed while it gets another storage key must not be taken from under that.
func TestCloseWaitsForAnotherKey(t *testing.T) {
	s, p := placed(t)
	if err := p.hold(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	changed := make(chan error, 1)
	go func() { changed <- s.ChangeKey(bytes.Repeat([]byte{8}, StorageKeyBytes)) }()
	for s.open.TryLock() { // until the call keeps Close away
		s.open.Unlock()
		if len(changed) > 0 {
			t.Error("it kept nobody away")
			break
		}
		runtime.Gosched()
	}
	p.release()
	if err := <-changed; err != nil {
		t.Error(err)
	}
}

// An app that opens and closes its store for each call must not run out of descriptors: the file's
// would also keep its locks.
func TestClosedStoresLeaveNoDescriptor(t *testing.T) {
	descriptors := func() (list []string) {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if to, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil {
				list = append(list, to)
			}
		}
		return list
	}
	path, key := filepath.Join(t.TempDir(), "s"), bytes.Repeat([]byte{7}, StorageKeyBytes)
	before := descriptors()
	for range 3 {
		s, err := Open(path, key, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if second, err := Open(path, key, Options{}); err != nil {
			t.Error(err)
		} else if err := second.Close(); err != nil {
			t.Error(err)
		}
		if err := s.Copy(path + "-copy"); err != nil {
			t.Error(err)
		}
		os.Remove(path + "-copy")
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if s, err := Open(path, nil, Options{Plaintext: true}); status.Of(err) != status.StoreKey {
			t.Errorf("it opens without its key: %v", err)
			s.Close()
		}
		if _, err := Open(path+"-none", key, Options{MustExist: true}); status.Of(err) != status.NotFound {
			t.Errorf("there is no store: %v", err)
		}
	}
	if after := descriptors(); len(after) != len(before) {
		t.Errorf("open are %q, before %q", after, before)
	}
}
