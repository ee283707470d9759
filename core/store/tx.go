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
	return &Tx{store: s, version: version, staged: map[stagedName]stagedChange{}}
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
	seal := tx.store.backend.sealer()
	row, err := tx.store.backend.get(t, seal.rowName(t, name))
	if err != nil || row == nil {
		return nil, err
	}
	return seal.open(t, name, row)
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
