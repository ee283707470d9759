package store

import (
	"slices"
	"sync"
	"time"

	"libcallkey/core/secret"
)

// Tx reads records and stages changes for one commit. It is for one goroutine; each
// helper takes a Part. After its Update another call may have it.
type Tx struct {
	store   *Store
	version int64
	since   time.Time // when its call began
	staged  stagedChanges
	fetched []fetched
	known   knownNames
	keeps   []keeping
	rows    []change // what changes returns

	whole *Tx        // of a part
	mu    sync.Mutex // over parts
	parts []*Tx
}

// fetched is a row that Fetch read ahead.
type fetched struct {
	table   Table
	name    string // of the record
	rowName string
	sealed  []byte // nil: none
}

// ended are transactions without a store, for the next ones: they have memory, and nothing of
// what was in it.
var ended = sync.Pool{New: func() any { return new(Tx) }}

func newTx(s *Store, version int64, since time.Time) *Tx {
	tx := ended.Get().(*Tx)
	tx.store, tx.version, tx.since = s, version, since
	return tx
}

// release gives a transaction that finished to the next one.
func (tx *Tx) release() {
	for _, part := range tx.parts {
		part.release()
	}
	tx.store, tx.version, tx.since, tx.whole = nil, 0, time.Time{}, nil
	tx.known = knownNames{}
	tx.staged.reset()
	tx.fetched = emptied(tx.fetched)
	tx.keeps = emptied(tx.keeps)
	tx.rows = emptied(tx.rows)
	tx.parts = emptied(tx.parts)
	ended.Put(tx)
}

// emptied returns the memory of a list for another one, unless it was long.
func emptied[T any](list []T) []T {
	const long = 1 << 10
	if cap(list) > long {
		return nil
	}
	clear(list)
	return list[:0]
}

// Options are what the store was opened with.
func (tx *Tx) Options() Options { return tx.store.options }

// Now returns when the call began, in Unix seconds, so that a message reads the clock once. The call may have
// waited since then, for about Options.Busy, as it may between any reading and its commit: use it for what
// lasts days.
func (tx *Tx) Now() int64 { return tx.since.Unix() }

// Part returns a Tx for another goroutine. Its changes belong to the same commit. It sees
// the changes staged in the whole before, and none of the other parts: no two may change
// one record.
func (tx *Tx) Part() *Tx {
	part := newTx(tx.store, tx.version, tx.since)
	part.whole = tx
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.parts = append(tx.parts, part)
	return part
}

// Get returns a copy of the record, nil if there is none. The caller wipes a secret.
// Errors: STORE, STORE_CORRUPT, UNSUPPORTED (a newer library wrote it), BUSY.
func (tx *Tx) Get(t Table, name string) ([]byte, error) {
	record, _, err := tx.Read(t, name)
	return record, err
}

// Read is Get, and reports whether the record is stale: written before the file was
// opened as an old copy.
func (tx *Tx) Read(t Table, name string) (record []byte, stale bool, err error) {
	for part := tx; part != nil; part = part.whole {
		if staged := part.staged.find(t, name); staged != nil {
			return append([]byte(nil), staged.value...), false, nil
		}
	}
	row, err := tx.row(t, name)
	if err != nil || row.sealed == nil {
		return nil, false, err
	}
	return tx.store.backend.sealer().open(t, row.rowName, name, row.sealed)
}

// row returns the record as stored, from the rows read ahead or from the file.
func (tx *Tx) row(t Table, name string) (row fetched, err error) {
	i := tx.ahead(t, name)
	if i >= 0 {
		row = tx.fetched[i]
		tx.fetched = slices.Delete(tx.fetched, i, i+1)
	} else {
		row.rowName = tx.rowName(t, name)
	}
	if t == Chains {
		tx.known.read(name, row.rowName)
	}
	if i >= 0 {
		return row, nil
	}
	err = tx.store.backend.get(t, []string{row.rowName}, func(_ string, r []byte) { row.sealed = r })
	return row, err
}

// rowName returns the name of a record's row, which is known of the chains of a session that was just taken or read.
func (tx *Tx) rowName(t Table, name string) string {
	if t == Chains {
		if k := tx.known.find(name); k != nil && k.row != "" {
			return k.row
		}
	}
	return tx.store.backend.sealer().rowName(t, name)
}

// ahead returns the index of a row that was read ahead, -1 if it was not.
func (tx *Tx) ahead(t Table, name string) int {
	return slices.IndexFunc(tx.fetched, func(f fetched) bool { return f.table == t && f.name == name })
}

// Batch is the number of records that Fetch reads at once.
const Batch = 8

// Fetch reads records ahead for one later Get each, because one query is faster than
// many. names has at most Batch elements. Errors: STORE, STORE_CORRUPT.
func (tx *Tx) Fetch(t Table, names []string) error {
	from := len(tx.fetched)
	for _, name := range names {
		// Once each: a second copy of a row would never be used, nor wiped.
		if had := tx.ahead(t, name) >= 0; !had {
			tx.fetched = append(tx.fetched, fetched{table: t, name: name})
		}
	}
	asked := tx.fetched[from:]
	if len(asked) == 0 {
		return nil
	}
	stored := make([]string, 0, Batch)
	for _, f := range asked {
		stored = append(stored, f.name)
	}
	tx.store.backend.sealer().nameRows(t, stored)
	for i := range asked {
		asked[i].rowName = stored[i]
	}
	return tx.store.backend.get(t, stored, func(found string, sealed []byte) {
		for i := range asked {
			if asked[i].rowName == found {
				asked[i].sealed = sealed
			}
		}
	})
}

// Put stages a record and takes ownership of value until the work's Update returns: then it is
// wiped, and the store does not refer to it any more.
func (tx *Tx) Put(t Table, name string, value []byte) {
	c := tx.stage(t, name)
	c.value, c.row.value, c.unmade = value, nil, true
}

// Delete stages the removal of a record, which need not exist.
func (tx *Tx) Delete(t Table, name string) {
	c := tx.stage(t, name)
	c.value, c.row.value, c.unmade = nil, nil, false
}

// Seal seals the records that were put. The commit does that too, but on one processor for all
// parts: so a part of a fan-out calls this at its end.
func (tx *Tx) Seal() { tx.staged.seal(tx.store.backend.sealer()) }

// stage returns the place for a record's change, with the name of its row.
func (tx *Tx) stage(t Table, name string) *stagedChange {
	c := tx.staged.slot(t, name)
	if c.row.name == "" {
		c.row.name = tx.rowName(t, name)
	}
	if t.isKept() {
		tx.dropKept(name)
	}
	return c
}

// changes returns those of the whole and its parts, sealed, until the transaction is released.
func (tx *Tx) changes() []change {
	tx.rows = tx.appendChanges(tx.rows[:0])
	return tx.rows
}

func (tx *Tx) appendChanges(rows []change) []change {
	tx.Seal()
	rows = slices.Grow(rows, len(tx.staged.list))
	for i := range tx.staged.list {
		rows = append(rows, tx.staged.list[i].row)
	}
	for _, part := range tx.parts {
		rows = part.appendChanges(rows)
	}
	return rows
}

// wipe wipes what was staged, and the rows that were read ahead: a memory store's are not sealed.
func (tx *Tx) wipe() {
	for i := range tx.staged.list {
		tx.staged.list[i].wipe()
	}
	for _, row := range tx.fetched {
		secret.Wipe(row.sealed)
	}
	for _, part := range tx.parts {
		part.wipe()
	}
}

// finish wipes the staged records, and rows read ahead but never used. It keeps values only if
// committed.
func (tx *Tx) finish(committed bool) {
	tx.wipe()
	tx.keep(committed)
}
