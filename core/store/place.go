package store

import (
	"errors"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"libcallkey/core/status"
)

// place is the place of a store's file, shared by all stores that this process has open on it. It
// ensures what SQLite assumes, so that all who have the file open share one log:
//
//   - no process uses the file under another name, with another -wal beside it;
//   - file, -wal and -shm are still the ones that were opened;
//   - SQLite's locks are still there.
//
// Each commit is checked before and after: a result written to a file that is gone is not
// returned.
type place struct {
	path   string // of the file, for SQLite and for us
	wal    string // of its log
	shm    string // of the log's index
	folder folder
	name   string
	anchor *anchor
	made   bool // the file was made here, and has no store in it yet
	noted  bool // the file's note says that its log is here

	stores int           // open in this process; under places.mu
	turn   chan struct{} // full while one of the stores opens, commits or closes
	users  atomic.Int32  // stores for which SQLite has the file open; while there are any, the rest is known
	main   fileInfo
	log    fileID
	index  fileID
	lost   atomic.Pointer[error]
}

// places are the places of this process. The lock is held from before a file is opened until its
// place is known, and while a place is left: closing any descriptor of a file releases all locks
// that the process has on it, so only the last store on it may do so.
var places = struct {
	mu   sync.Mutex
	open map[fileID]*place
}{open: map[fileID]*place{}}

var (
	errNotFound  = status.New(status.NotFound, "there is no store in the file")
	errMoved     = status.New(status.Store, "the store's file was removed, renamed or replaced while it was open; close the store")
	errLogMoved  = status.New(status.Store, "the store's -wal or -shm file was removed or replaced while it was open; close the store")
	errCut       = status.New(status.Store, "the store's file was truncated while it was open; close the store")
	errLocksLost = status.New(status.Store, "the store's locks are lost: other code in this process, e.g. a second SQLite, opened and closed its file; close the store")
	errOtherName = status.New(status.Store, "the store is open under another name of its file: a hard link, a bind mount or its name before it was renamed")
	errLinks     = status.New(status.Store, "the store's file has more than one name (a hard link), and the system can't tell which one is in use: remove the others")
	errElsewhere = status.New(status.Store, "the store was not closed under another name of its file, and its log is there: open it once under that name, or open it as an old copy")
	errNoFile    = status.New(status.Store, "the store path is a folder or a device, not a file")
	errBeside    = status.New(status.Store, "there is a link, a folder or a device beside the store's file, under its name with -wal, -shm or -journal")
	errNoLog     = status.New(status.Store, "the store's file system does not support a write-ahead log")
)

// enter finds or makes the file. Errors: STORE, NOT_FOUND.
func enter(path string, mustExist bool) (*place, error) {
	f, name, err := findFolder(path)
	if err != nil {
		if mustExist && errors.Is(err, errNoFolder) {
			err = errNotFound
		}
		return nil, err
	}
	file := f.file(name)
	p := &place{path: file, wal: file + "-wal", shm: file + "-shm", folder: f, name: name, turn: make(chan struct{}, 1)}
	places.mu.Lock()
	defer places.mu.Unlock()
	at, err := p.enter(mustExist)
	if err != nil && p.made {
		os.Remove(p.path)
	}
	if at != p {
		f.leave()
	}
	return at, err
}

// enter returns p, or the existing place of the file.
func (p *place) enter(mustExist bool) (*place, error) {
	info, err := statFile(p.path)
	if errors.Is(err, os.ErrNotExist) && !mustExist {
		if err = p.make(); err != nil {
			return nil, err
		}
		info, err = statFile(p.path)
	}
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, errNotFound
	case err != nil:
		return nil, status.New(status.Store, "store file can't be found: %v", reason(err))
	case !info.regular:
		return nil, errNoFile
	case info.size == 0 && mustExist:
		return nil, errNotFound
	}
	if open := places.open[info.id]; open != nil {
		if open.folder.id != p.folder.id || open.name != p.name {
			return nil, errOtherName
		}
		open.stores++
		return open, nil
	}
	if p.anchor, err = openAnchor(p.path, info); err != nil {
		return nil, err
	}
	if info.size == 0 && !p.made {
		os.Chmod(p.path, 0o600) // another user's file keeps its mode
	}
	p.main, p.stores = info, 1
	places.open[info.id] = p
	return p, nil
}

// make makes the file, with a mode that ignores the umask. SQLite would let others read it; -wal
// and -shm get its mode.
func (p *place) make() error {
	if err := hasRoom(p.path); err != nil {
		return err
	}
	made, err := os.OpenFile(p.path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case errors.Is(err, os.ErrExist):
		return nil
	case err != nil:
		return status.New(status.Store, "store file can't be created: %v", reason(err))
	}
	defer made.Close()
	p.made = true
	if err := made.Chmod(0o600); err != nil {
		return status.New(status.Store, "store file can't be created: %v", reason(err))
	}
	return nil
}

// hold waits until no other store, of this process or another, opens, commits or closes, at
// most until the given time. Errors: BUSY, STORE.
func (p *place) hold(until time.Time) error {
	select {
	case p.turn <- struct{}{}:
	default:
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		select {
		case p.turn <- struct{}{}:
		case <-timer.C:
			return errBusy
		}
	}
	for pause := 200 * time.Microsecond; ; pause = min(2*pause, 20*time.Millisecond) {
		taken, err := p.anchor.take()
		if err == nil && !taken && time.Now().After(until) {
			err = errBusy
		}
		if err != nil {
			<-p.turn
			return err
		}
		if taken {
			return nil
		}
		time.Sleep(pause/2 + rand.N(pause))
	}
}

func (p *place) release() {
	p.anchor.give()
	<-p.turn
}

// claim ensures that no process has the file open under another name, or left its log there,
// that the file still has this name, and that the log beside it is its own. The caller holds
// the place.
func (p *place) claim(restored bool) error {
	if p.users.Load() > 0 {
		return p.check()
	}
	info, err := statFile(p.path)
	if err != nil || info.id != p.main.id {
		return errMoved
	}
	for _, beside := range []string{p.wal, p.shm, p.path + "-journal"} {
		// A pipe there would block SQLite, or us, forever.
		if info, err := statFile(beside); err == nil && !info.regular {
			return errBeside
		}
	}
	if err := p.anchor.claim(p.folder, p.name); err != nil {
		return err
	}
	note := noteOf(p.main.id, p.folder.id, p.name)
	if p.anchor.noted(note) && !restored {
		// File and log may have been moved together. Whether the log belongs to the file is checked
		// elsewhere.
		if log, err := statFile(p.wal); err != nil || log.size == 0 || info.links != 1 {
			return errElsewhere
		}
	}
	if p.noted = p.anchor.note(note); info.links != 1 && !(p.noted && p.anchor.tells()) {
		return errLinks
	}
	return checkLog(p.path)
}

// settle records the files that SQLite has opened, for one more store. The caller holds
// the place.
func (p *place) settle() (err error) {
	if p.users.Load() > 0 {
		err = p.check()
	} else {
		err = p.settleFirst()
	}
	if err == nil {
		p.users.Add(1)
	}
	return err
}

func (p *place) settleFirst() error {
	if err := p.anchor.markLocks(); err != nil {
		return err
	}
	main, err := statFile(p.path)
	if err != nil || main.id != p.main.id {
		return errMoved
	}
	log, err := statFile(p.wal)
	if err != nil {
		return errNoLog
	}
	index, err := statFile(p.shm)
	if err != nil {
		return errNoLog
	}
	p.main, p.log, p.index, p.made = main, log.id, index.id, false
	p.lost.Store(nil) // of earlier users of the file
	return nil
}

// check fails if the store is no longer the one that was opened, and from then on forever: newer
// writes may be lost, or another process may have read the older state.
func (p *place) check() error {
	if lost := p.lost.Load(); lost != nil {
		return *lost
	}
	err := p.look()
	switch err {
	case errMoved, errLogMoved, errCut, errLocksLost:
		lost := err
		p.lost.Store(&lost)
	}
	return err
}

func (p *place) look() error {
	has, err := p.anchor.hasLocks()
	switch {
	case err != nil:
		return err
	case !has:
		return errLocksLost
	}
	return p.files()
}

// files fails unless the three files are the ones that SQLite has opened.
func (p *place) files() error {
	main, err := same(p.path, p.main.id, errMoved)
	switch {
	case err != nil:
		return err
	case main.size < p.main.size:
		return errCut
	}
	if _, err := same(p.wal, p.log, errLogMoved); err != nil {
		return err
	}
	_, err = same(p.shm, p.index, errLogMoved)
	return err
}

// same fails with lost unless the file is still the same.
func same(path string, id fileID, lost error) (fileInfo, error) {
	info, err := statFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist), err == nil && info.id != id:
		return info, lost
	case err != nil:
		return info, status.New(status.Store, "store file can't be found: %v", reason(err))
	}
	return info, nil
}

// logEnd is what may happen to the log when the last store on the file is closed.
type logEnd int

const (
	endLog  logEnd = iota // it is merged into the file and removed
	moveLog               // it is merged into the file, which has another name now
	keepLog               // it stays: it, or the file at its path, may belong to another process
)

// logEnd is for the holder of the place.
func (p *place) logEnd() logEnd {
	_, gone := statFile(p.path)
	log, err := statFile(p.wal)
	switch {
	case p.files() == nil:
		return endLog
	case errors.Is(gone, os.ErrNotExist) && err == nil && log.id == p.log:
		return moveLog
	}
	return keepLog
}

// closed is for a caller that has closed the file and still holds the place. Without a log the file
// need not keep its name. An empty log can still be in use by others, unless its file has moved away.
func (p *place) closed() {
	log, err := statFile(p.wal)
	ended := errors.Is(err, os.ErrNotExist)
	if err == nil && log.id == p.log && log.size == 0 {
		_, gone := statFile(p.path)
		ended = errors.Is(gone, os.ErrNotExist)
	}
	if p.noted && ended {
		p.anchor.forget()
	}
}

// unmake removes the file if it was made here and is still empty. The caller holds the place and has
// closed the file.
func (p *place) unmake() {
	places.mu.Lock()
	defer places.mu.Unlock()
	if info, err := statFile(p.path); p.made && p.stores == 1 && err == nil && info.id == p.main.id && info.size == 0 {
		os.Remove(p.path)
	}
}

// leave is for a caller that has closed the file.
func (p *place) leave() {
	places.mu.Lock()
	defer places.mu.Unlock()
	p.stores--
	if p.stores > 0 {
		return
	}
	delete(places.open, p.main.id)
	p.anchor.close()
	p.folder.leave()
}
