package store

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// If this failed, a record would be in a stolen file for all to read, or a record that a call was
// told is written would be the one before, or none.
func TestEveryStagedRecordIsSealed(t *testing.T) {
	const mark = "the secret of "
	for _, many := range []int{1, 2, Batch, maxSealed + 1, 2*maxSearched + 3} {
		for name, work := range map[string]func(put func(tx *Tx, i int, more string), tx *Tx){
			"in one go": func(put func(*Tx, int, string), tx *Tx) {
				for i := range many {
					put(tx, i, "")
				}
			},
			"each twice": func(put func(*Tx, int, string), tx *Tx) {
				for i := range 2 * many {
					put(tx, i%many, fmt.Sprint("again ", i))
				}
			},
			"again after they were sealed": func(put func(*Tx, int, string), tx *Tx) {
				for i := range many {
					put(tx, i, "")
				}
				tx.Seal()
				for i := 0; i < many; i += 2 {
					put(tx, i, "that is much longer than the one that was sealed before")
				}
			},
			"again after they were removed": func(put func(*Tx, int, string), tx *Tx) {
				for i := range many {
					tx.Delete(Sessions, fmt.Sprint(i))
				}
				tx.Seal()
				for i := range many {
					put(tx, i, "")
				}
			},
			"in parts, some of which are sealed": func(put func(*Tx, int, string), tx *Tx) {
				parts := []*Tx{tx, tx.Part(), tx.Part(), tx.Part()}
				for i := range many {
					put(parts[i%len(parts)], i, "")
				}
				parts[1].Seal()
				parts[2].Seal()
				if many > 2 {
					put(parts[2], 2, "again")
				}
			},
		} {
			t.Run(fmt.Sprint(many, " ", name), func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "s")
				s, err := Open(path, bytes.Repeat([]byte{7}, StorageKeyBytes), Options{})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				for round := range 2 { // the second one in the memory of the first
					want := map[string]string{}
					update(t, s, func(tx *Tx) {
						work(func(tx *Tx, i int, more string) {
							want[fmt.Sprint(i)] = fmt.Sprint(mark, i, " in round ", round, more)
							tx.Put(Sessions, fmt.Sprint(i), []byte(want[fmt.Sprint(i)]))
							if got, err := tx.Get(Sessions, fmt.Sprint(i)); err != nil || string(got) != want[fmt.Sprint(i)] {
								t.Errorf("staged record %d is %q, %v", i, got, err)
							}
						}, tx)
					})
					wantRows(t, s, want)
				}
				for _, end := range []string{"", "-wal"} {
					if b, err := os.ReadFile(path + end); err != nil || bytes.Contains(b, []byte(mark)) { // public: a test's records
						t.Errorf("the file with %q has a record that is not sealed: %v", end, err)
					}
				}
			})
		}
	}
}

// wantRows checks that the rows of sessions in the file are these, under nonces that differ.
func wantRows(t *testing.T, s *Store, want map[string]string) {
	t.Helper()
	f := s.backend.(*file)
	rows, err := f.rows("SELECT kind, name, value FROM items WHERE kind = 4", nil)
	if err != nil || len(rows) != len(want) {
		t.Fatalf("there are %d rows, %v, want %d", len(rows), err, len(want))
	}
	nonces := map[string]bool{}
	for _, row := range rows {
		name, record, err := f.seal.named(Sessions, row.name, row.value)
		if err != nil || string(record) != want[name] {
			t.Errorf("the record of %q is %q, %v, want %q", name, record, err, want[name])
		}
		nonces[string(row.value[:24])] = true
	}
	if len(nonces) != len(rows) {
		t.Errorf("%d rows have %d nonces", len(rows), len(nonces))
	}
}

// If this failed, a record that is read ahead with others would not be found, or be another's.
func TestNamesOfSeveralRows(t *testing.T) {
	s := newSealer(newStoreID(), newDataKeys(), false)
	for n := range Batch + 1 {
		names := make([]string, n)
		for _, table := range []Table{Sessions, Chains} {
			for i := range names {
				names[i] = fmt.Sprint("user:", i)
			}
			s.nameRows(table, names)
			for i, row := range names {
				if want := s.rowName(table, fmt.Sprint("user:", i)); row != want {
					t.Errorf("table %d: row %d of %d is %x, want %x", table, i, n, row, want)
				}
			}
		}
	}
}
