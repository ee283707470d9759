package store

import (
	"sync"

	"libcallkey/core/secret"
)

// Tx reads records and stages changes for one commit. Its methods may be called
// from several goroutines.
type Tx struct {
	store   *Store
	version int64
	mu      sync.Mutex
	staged  map[stagedName]stagedChange
	fetched map[stagedName][]byte // sealed rows that Fetch read ahead, nil: there is none
}

type stagedName struct {
	table Table
	name  string
}

type stagedChange struct {
	value []byte // as it was put, nil: deleted
	row   change // as it will be written; where records are not sealed it shares value
}

func newTx(s *Store, version int64) *Tx {
	return &Tx{store: s, version: version, staged: map[stagedName]stagedChange{}, fetched: map[stagedName][]byte{}}
}

// Get is a copy of the record, nil if there is none. Who gets a secret wipes it.
// Errors: STORE, STORE_CORRUPT.
func (tx *Tx) Get(t Table, name string) ([]byte, error) {
	tx.mu.Lock()
	staged, ok := tx.staged[stagedName{t, name}]
	tx.mu.Unlock()
	if ok {
		return append([]byte(nil), staged.value...), nil
	}
	row, err := tx.row(t, name)
	if err != nil || row == nil {
		return nil, err
	}
	return tx.store.backend.sealer().open(t, name, row)
}

// row is the record as it is stored, from what was fetched or from the file.
func (tx *Tx) row(t Table, name string) (row []byte, err error) {
	key := stagedName{t, name}
	tx.mu.Lock()
	row, ok := tx.fetched[key]
	delete(tx.fetched, key)
	tx.mu.Unlock()
	if ok {
		return row, nil
	}
	names := []string{tx.store.backend.sealer().rowName(t, name)}
	err = tx.store.backend.get(t, names, func(_ string, r []byte) { row = r })
	return row, err
}

// Batch is how many records Fetch reads at once.
const Batch = 8

// Fetch reads records ahead for one later Get each, which one query does faster than
// many. names has at most Batch elements. Errors: STORE, STORE_CORRUPT.
func (tx *Tx) Fetch(t Table, names []string) error {
	seal := tx.store.backend.sealer()
	stored := make([]string, len(names))
	at := make(map[string]string, len(names))
	rows := make(map[string][]byte, len(names))
	for i, name := range names {
		stored[i] = seal.rowName(t, name)
		at[stored[i]] = name
	}
	if err := tx.store.backend.get(t, stored, func(name string, row []byte) { rows[name] = row }); err != nil {
		return err
	}
	tx.mu.Lock()
	defer tx.mu.Unlock()
	for name, record := range at {
		tx.fetched[stagedName{t, record}] = rows[name]
	}
	return nil
}

// Put stages a record and takes value over.
func (tx *Tx) Put(t Table, name string, value []byte) {
	seal := tx.store.backend.sealer()
	row := change{t, seal.rowName(t, name), seal.seal(t, name, value)}
	tx.stage(t, name, stagedChange{value, row})
}

// Delete stages the removal of a record. One that does not exist is fine.
func (tx *Tx) Delete(t Table, name string) {
	row := change{table: t, name: tx.store.backend.sealer().rowName(t, name)}
	tx.stage(t, name, stagedChange{row: row})
}

func (tx *Tx) stage(t Table, name string, c stagedChange) {
	key := stagedName{t, name}
	tx.mu.Lock()
	defer tx.mu.Unlock()
	secret.Wipe(tx.staged[key].value)
	tx.staged[key] = c
}

func (tx *Tx) changes() []change {
	rows := make([]change, 0, len(tx.staged))
	for _, c := range tx.staged {
		rows = append(rows, c.row)
	}
	return rows
}

// finish wipes what was staged, unless the memory store keeps it as it is.
func (tx *Tx) finish(committed bool) {
	if committed && tx.store.backend.sealer() == nil {
		return
	}
	for _, c := range tx.staged {
		secret.Wipe(c.value)
	}
}
