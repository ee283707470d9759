// Package store keeps an account's records: sealed in an SQLite file, or in memory.
//
// A Store has tables of named records and knows nothing of their meaning. Work on it
// happens in Update: a function reads and stages changes through a Tx, and all of them
// are committed together, durably, before Update returns; if the function fails nothing
// is written. Update may run its function again if another process changed the file
// meanwhile, so the function must have no other effect.
//
// Within one process Update does not isolate two calls from each other: a caller that
// reads a record in order to change it must hold its Lock.
//
// A store also keeps values in memory that a caller made from records, until one of them
// changes: see Value, and docs/kept-sessions.md.
package store

import (
	"sync"
	"time"

	"libcallkey/core/status"
)

// Options are the options of Open.
type Options struct {
	Memory     bool // nothing is written to a file; path and storage key are not used
	Plaintext  bool // the file is not encrypted; without it a file store needs a storage key
	MustExist  bool // no store is made
	KeepOpened bool // what was opened is kept until it is done; see signal.Done
	Restored   bool // the file may be an old copy; what it holds is stale from now on

	// Busy limits how long a call waits for another process, in whole milliseconds; 0:
	// defaultBusy.
	Busy time.Duration
}

const defaultBusy = 5 * time.Second

// Table is a kind of record.
type Table uint8

const (
	Account       Table = 1  // the one record of the own identity and prekey numbering
	Prekeys       Table = 2  // one-time prekeys, by id
	SignedPrekeys Table = 3  // signed prekeys, by id
	Sessions      Table = 4  // what a turn of the ratchet changes of a session record, by device
	Identities    Table = 5  // trusted identity keys, by device
	Aliases       Table = 6  // the target of an alias: a group of names, or a device
	BaseKeys      Table = 7  // base keys of first messages that were opened, by signed prekey
	Opened        Table = 8  // with Options.KeepOpened, opened messages
	AliasGroups   Table = 9  // groups of aliases, and the group of each device
	Archives      Table = 10 // what few messages change of a session record, by device
	Chains        Table = 11 // the two chain keys that each message changes, by device

	maxTable = 255
)

// Store is an open store. All methods are safe for concurrent use.
type Store struct {
	backend backend
	locks   locks
	aliases aliasCache
	kept    kept
	options Options

	open      sync.RWMutex // held for reading by running work
	closed    bool
	exclusive sync.RWMutex // held for writing by an Update that lost a race with another process
}

// backend has the records: memory or a file.
type backend interface {
	// version changes when another process commits.
	version() (int64, error)
	// get calls each with the sealed bytes of those records that exist. names has at
	// most Batch elements.
	get(t Table, names []string, each func(name string, row []byte)) error
	// after returns the first rows behind the one of that name, at most n, in the order of
	// their names; it need not exist.
	after(t Table, name string, n int) ([]change, error)
	// commit writes all changes at once, unless another process has committed since:
	// then it writes nothing and returns false. It waits for another process until the
	// given time.
	commit(since int64, changes []change, until time.Time) (bool, error)
	// begin takes the write lock, so that the next commit can't lose a race; rollback
	// releases it if there is nothing to commit.
	begin(until time.Time) error
	rollback()
	// sealer is nil if records are not sealed.
	sealer() *sealer
	// changeKey seals the data key under another storage key.
	changeKey(storageKey []byte, until time.Time) error
	// copyTo writes a consistent copy while others work.
	copyTo(path string) error
	close() error
}

type change struct {
	table Table
	name  string
	value []byte // nil: delete
}

var errClosed = status.New(status.Handle, "store is closed")

// Update runs work and commits its staged changes, all or none.
func (s *Store) Update(work func(tx *Tx) error) error {
	return s.update(time.Now(), work)
}

// update is for a call that began at a time, and waits for other processes as long from then as the store
// may. Then it still tries once: perhaps it waited only for this process.
func (s *Store) update(since time.Time, work func(tx *Tx) error) error {
	s.open.RLock()
	defer s.open.RUnlock()
	if s.closed {
		return errClosed
	}
	if done, err := s.attempt(since, work); done || err != nil {
		return err
	}
	return s.attemptAlone(since, work)
}

func (s *Store) attempt(since time.Time, work func(tx *Tx) error) (done bool, err error) {
	s.exclusive.RLock()
	defer s.exclusive.RUnlock()
	return s.run(since, work)
}

// attemptAlone holds the file's write lock from the first read on, so that it can't
// lose a race a second time.
func (s *Store) attemptAlone(since time.Time, work func(tx *Tx) error) error {
	s.exclusive.Lock()
	defer s.exclusive.Unlock()
	if err := s.backend.begin(s.until(since)); err != nil {
		return err
	}
	defer s.backend.rollback()
	if done, err := s.run(since, work); done || err != nil {
		return err
	}
	return status.New(status.Store, "store changed although it was locked")
}

func (s *Store) run(since time.Time, work func(tx *Tx) error) (done bool, err error) {
	pause()
	version, err := s.backend.version()
	if err != nil {
		return false, err
	}
	pause()
	tx := newTx(s, version, since)
	returned := false
	defer func() {
		tx.finish(returned && done && err == nil)
		if returned { // after a panic nobody knows who still uses it
			tx.release()
		}
	}()
	done, err = s.workIn(tx, work)
	returned = true
	return done, err
}

// workIn runs work and commits what it staged.
func (s *Store) workIn(tx *Tx, work func(tx *Tx) error) (done bool, err error) {
	err = work(tx)
	var changes []change
	if err == nil {
		changes = tx.changes()
	}
	if len(changes) == 0 {
		// The reads may have seen half of another process's commit: then the result is void.
		now, failure := s.backend.version()
		switch {
		case failure == nil && now != tx.version:
			return false, nil
		case err == nil:
			err = failure
		}
		return true, err
	}
	pause()
	done, err = s.backend.commit(tx.version, changes, s.until(tx.since))
	pause()
	if done && err == nil {
		s.aliases.forget(changes)
	}
	return done, err
}

// until is when a call that began at a time stops waiting for other processes.
func (s *Store) until(since time.Time) time.Time { return since.Add(s.options.Busy) }

// Options are what the store was opened with.
func (s *Store) Options() Options { return s.options }

// ChangeKey makes storageKey the key of the store from now on, in this and every other process.
// It writes one row, atomically. The old key may still open older copies of the file, or the
// remains that a flash disk keeps of them. Errors: KEY_LENGTH, ARGUMENT (the store is in memory
// or plaintext), STORE, BUSY, STORE_CORRUPT.
func (s *Store) ChangeKey(storageKey []byte) error {
	if len(storageKey) != StorageKeyBytes {
		return status.New(status.KeyLength, "storage key has %d bytes, needs %d", len(storageKey), StorageKeyBytes)
	}
	until := time.Now().Add(s.options.Busy)
	s.open.RLock()
	defer s.open.RUnlock()
	if s.closed {
		return errClosed
	}
	s.exclusive.Lock()
	defer s.exclusive.Unlock()
	return s.backend.changeKey(storageKey, until)
}

// Copy writes a copy of the store to a new file at path, in its state between two commits,
// while this and other processes keep working. It has the same storage key. A copy is outdated
// as soon as the store changes: open it with Options.Restored. Errors: ARGUMENT (the store is
// in memory, path is empty), CONFLICT (there is a file at path), STORE, BUSY, STORE_CORRUPT.
// After an error there is no file.
func (s *Store) Copy(path string) error {
	if path == "" {
		return status.New(status.Argument, "path is empty")
	}
	s.open.RLock()
	defer s.open.RUnlock()
	if s.closed {
		return errClosed
	}
	return s.backend.copyTo(path)
}

// Close waits for running work, erases the keys and closes the file. A second Close,
// and any later work, is HANDLE.
func (s *Store) Close() error {
	s.open.Lock()
	defer s.open.Unlock()
	if s.closed {
		return errClosed
	}
	s.closed = true
	s.kept.wipe()
	s.backend.sealer().wipe()
	return s.backend.close()
}

// Open opens the store at path, or makes it. Only the owner can read a new file.
//
// Errors: KEY_LENGTH (the storage key is not 32 bytes), STORE_KEY (wrong or missing
// storage key), STORE_CORRUPT (not a store), UNSUPPORTED (made by a newer version),
// NOT_FOUND (o.MustExist, and there is none), BUSY (another process held it longer than
// o.Busy), STORE (the file can't be opened or written), ARGUMENT.
func Open(path string, storageKey []byte, o Options) (*Store, error) {
	if len(storageKey) != 0 && len(storageKey) != StorageKeyBytes {
		return nil, status.New(status.KeyLength, "storage key has %d bytes, needs %d", len(storageKey), StorageKeyBytes)
	}
	o.MustExist = o.MustExist || o.Restored
	if o.Memory && o.MustExist {
		return nil, status.New(status.Argument, "a store in memory can't be opened as an existing or restored one")
	}
	if o.Memory {
		return newStore(newMemory(), o), nil
	}
	switch {
	case path == "":
		return nil, status.New(status.Argument, "store path is empty")
	case o.Plaintext && len(storageKey) != 0:
		return nil, status.New(status.Argument, "a plaintext store takes no storage key")
	case !o.Plaintext && len(storageKey) == 0:
		return nil, status.New(status.StoreKey, "a file store needs a storage key")
	}
	if o.Busy == 0 {
		o.Busy = defaultBusy
	}
	file, err := openFile(path, storageKey, o)
	if err != nil {
		return nil, err
	}
	return newStore(file, o), nil
}

func newStore(b backend, o Options) *Store {
	s := &Store{backend: b, options: o}
	s.locks.held = map[string]*lock{}
	return s
}
