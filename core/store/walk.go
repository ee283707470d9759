package store

import (
	"libcallkey/core/secret"
	"libcallkey/core/status"
)

// maxPage is the most rows that a walk reads at once. It begins with one: most walks end at the
// first row, and a session record can have hundreds of kilobytes.
const maxPage = 64

// walk calls visit with the records of a table in the order of their rows, from behind the one
// of that name on, "" from the first, until visit returns false. The order is that of the names
// in a plaintext store and in memory, and that of their hashes in a sealed one: no row moves
// when others come and go. A row that schema 1 sealed does not tell its name and is passed over.
// visit may not keep the record. The rows of Chains have no names, so nobody walks them.
func (s *Store) walk(t Table, after string, visit func(name string, record []byte) bool) error {
	if t == Chains {
		return status.New(status.Internal, "the chains have no names to list")
	}
	seal := s.backend.sealer()
	at := ""
	if after != "" {
		at = seal.rowName(t, after)
	}
	for page := 1; ; page = min(2*page, maxPage) {
		rows, err := s.backend.after(t, at, page)
		if err != nil || len(rows) == 0 {
			return err
		}
		more := true
		for _, row := range rows {
			var name string
			var record []byte
			if more && err == nil {
				name, record, err = seal.named(t, row.name, row.value)
			}
			if err == nil && name != "" {
				more = more && visit(name, record)
			}
			wipeRow(record, row.value)
		}
		if err != nil || !more {
			return err
		}
		at = rows[len(rows)-1].name
	}
}

// Walk calls visit with the records of a table, from behind the one of that name on, until visit
// returns false: see walk. It sees each page of rows as one commit left it, and waits for no
// process that writes. Errors: STORE, STORE_CORRUPT, UNSUPPORTED (a newer library wrote one),
// BUSY.
func (s *Store) Walk(t Table, after string, visit func(name string, record []byte) bool) error {
	s.open.RLock()
	defer s.open.RUnlock()
	if s.closed {
		return errClosed
	}
	s.exclusive.RLock()
	defer s.exclusive.RUnlock()
	if _, err := s.backend.version(); err != nil { // of another store at the path
		return err
	}
	return s.walk(t, after, visit)
}

// Walk is Store.Walk inside a transaction. It does not see staged changes.
func (tx *Tx) Walk(t Table, after string, visit func(name string, record []byte) bool) error {
	return tx.store.walk(t, after, visit)
}

// Has reports whether there is a record, and does not open it. It does not see staged changes.
// Errors: STORE, BUSY.
func (tx *Tx) Has(t Table, name string) (bool, error) {
	row, err := tx.row(t, name)
	wipeRow(row.sealed)
	return row.sealed != nil, err
}

// wipeRow wipes what was read of a row, which a plaintext store and one in memory do not seal.
// Who reads only names does no other work on secrets, so this clears the registers too: the last
// one to copy the row left its end there.
func wipeRow(parts ...[]byte) {
	for _, part := range parts {
		secret.Wipe(part)
	}
	secret.ClearRegisters()
}
