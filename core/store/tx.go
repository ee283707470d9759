package store

import (
	"sync"

	"libcallkey/core/secret"
)

// Tx reads records and stages changes for one commit. It is for one goroutine; each
// helper takes a Part.
type Tx struct {
	store   *Store
	version int64
	staged  map[stagedName]stagedChange
	fetched map[stagedName]fetched
	keeps   map[string]Value // by name, for when it is committed

	whole *Tx        // of a part
	mu    sync.Mutex // over parts
	parts []*Tx
}

type stagedName struct {
	table Table
	name  string
}

type stagedChange struct {
	value []byte // as put, nil: deleted
	row   change // as it will be written; without sealing it shares value
}

func (c stagedChange) wipe() {
	secret.Wipe(c.value)
	secret.Wipe(c.row.value) // a plaintext store's row contains the record
}

// fetched is a row that Fetch read ahead.
type fetched struct {
	rowName string
	sealed  []byte // nil: none
}

func newTx(s *Store, version int64) *Tx {
	return &Tx{store: s, version: version, staged: map[stagedName]stagedChange{}, fetched: map[stagedName]fetched{}}
}

// Options are what the store was opened with.
func (tx *Tx) Options() Options { return tx.store.options }

// Part returns a Tx for another goroutine. Its changes belong to the same commit. It sees
// the changes staged in the whole before, and none of the other parts: no two may change
// one record.
func (tx *Tx) Part() *Tx {
	part := newTx(tx.store, tx.version)
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
	key := stagedName{t, name}
	for part := tx; part != nil; part = part.whole {
		if staged, ok := part.staged[key]; ok {
			return append([]byte(nil), staged.value...), false, nil
		}
	}
	row, err := tx.row(key)
	if err != nil || row.sealed == nil {
		return nil, false, err
	}
	return tx.store.backend.sealer().open(t, row.rowName, name, row.sealed)
}

// row returns the record as stored, from the rows read ahead or from the file.
func (tx *Tx) row(key stagedName) (row fetched, err error) {
	if row, ok := tx.fetched[key]; ok {
		delete(tx.fetched, key)
		return row, nil
	}
	row.rowName = tx.store.backend.sealer().rowName(key.table, key.name)
	err = tx.store.backend.get(key.table, []string{row.rowName}, func(_ string, r []byte) { row.sealed = r })
	return row, err
}

// Batch is the number of records that Fetch reads at once.
const Batch = 8

// Fetch reads records ahead for one later Get each, because one query is faster than
// many. names has at most Batch elements. Errors: STORE, STORE_CORRUPT.
func (tx *Tx) Fetch(t Table, names []string) error {
	seal := tx.store.backend.sealer()
	var stored []string
	called := map[string]string{} // the names of the stored
	for _, name := range names {
		// Once each: a second copy of a row would never be used, nor wiped.
		if _, had := tx.fetched[stagedName{t, name}]; had {
			continue
		}
		row := seal.rowName(t, name)
		tx.fetched[stagedName{t, name}] = fetched{rowName: row}
		stored = append(stored, row)
		called[row] = name
	}
	if len(stored) == 0 {
		return nil
	}
	return tx.store.backend.get(t, stored, func(found string, sealed []byte) {
		tx.fetched[stagedName{t, called[found]}] = fetched{found, sealed}
	})
}

// Put stages a record and takes ownership of value.
func (tx *Tx) Put(t Table, name string, value []byte) {
	seal := tx.store.backend.sealer()
	rowName := seal.rowName(t, name)
	tx.stage(t, name, stagedChange{value, change{t, rowName, seal.seal(t, rowName, name, value)}})
}

// Delete stages the removal of a record, which need not exist.
func (tx *Tx) Delete(t Table, name string) {
	row := change{table: t, name: tx.store.backend.sealer().rowName(t, name)}
	tx.stage(t, name, stagedChange{row: row})
}

func (tx *Tx) stage(t Table, name string, c stagedChange) {
	key := stagedName{t, name}
	tx.staged[key].wipe()
	tx.staged[key] = c
	if t.isKept() {
		tx.dropKept(name)
	}
}

// each calls f for every change staged in the whole and its parts.
func (tx *Tx) each(f func(name stagedName, c stagedChange)) {
	for name, c := range tx.staged {
		f(name, c)
	}
	for _, part := range tx.parts {
		part.each(f)
	}
}

func (tx *Tx) changes() (rows []change) {
	tx.each(func(_ stagedName, c stagedChange) { rows = append(rows, c.row) })
	return rows
}

// forget wipes the rows that were read ahead: a memory store's are not sealed.
func (tx *Tx) forget() {
	for _, row := range tx.fetched {
		secret.Wipe(row.sealed)
	}
	for _, part := range tx.parts {
		part.forget()
	}
}

// finish wipes the staged records, unless the memory store keeps them, and rows read
// ahead but never used. It keeps values only if committed.
func (tx *Tx) finish(committed bool) {
	tx.keep(committed)
	tx.forget()
	if _, keeps := tx.store.backend.(*memory); keeps && committed {
		return
	}
	tx.each(func(_ stagedName, c stagedChange) { c.wipe() })
}
