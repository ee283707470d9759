package store

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
)

// If this failed, an import of many prekeys would write another's key under an id, or the last one
// that was staged would not be the one that is written.
func TestManyChanges(t *testing.T) {
	const n = 3 * maxSearched
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			s := openKind(t, kind)
			name := func(i int) string { return fmt.Sprint("key ", i) }
			update(t, s, func(tx *Tx) { tx.Put(Prekeys, name(2), []byte("from before")) })
			update(t, s, func(tx *Tx) {
				for i := range n {
					tx.Put(Prekeys, name(i), []byte("staged first"))
					tx.Put(SignedPrekeys, name(i), []byte("of another table"))
					tx.Put(Prekeys, name(i), []byte(name(i)))
				}
				for i := range n {
					tx.Put(Archives, name(i), []byte(name(i)))
				}
				for i := range n {
					tx.Put(Chains, name(i), []byte(name(i)))
					if i%(Batch+3) == 0 {
						tx.Put(Sessions, name(i), []byte(name(i)))
					}
				}
				tx.Delete(Chains, name(4))
				tx.Put(Prekeys, name(1), []byte("again"))
				tx.Delete(Prekeys, name(2))
				if rows := tx.changes(); len(rows) != 4*n+(n+Batch+2)/(Batch+3) {
					t.Errorf("%d changes", len(rows))
				}
				for i := range n {
					wantRecord(t, tx, Prekeys, name(i), map[int]string{1: "again", 2: ""}, i)
				}
			})
			update(t, s, func(tx *Tx) {
				for i := range n {
					wantRecord(t, tx, Prekeys, name(i), map[int]string{1: "again", 2: ""}, i)
					wantRecord(t, tx, SignedPrekeys, name(i), map[int]string{i: "of another table"}, i)
					wantRecord(t, tx, Archives, name(i), nil, i)
					wantRecord(t, tx, Chains, name(i), map[int]string{4: ""}, i)
					if i%(Batch+3) == 0 {
						wantRecord(t, tx, Sessions, name(i), nil, i)
					}
				}
			})
		})
	}
}

// If this failed, a record without a name could not be written to a plaintext file, in which it is
// the row's name.
func TestRecordWithoutAName(t *testing.T) {
	for _, kind := range kinds {
		s := openKind(t, kind)
		for _, want := range []string{"a record", "another", ""} {
			update(t, s, func(tx *Tx) {
				if tx.Delete(Sessions, ""); want != "" {
					tx.Put(Sessions, "", []byte(want))
				}
			})
			update(t, s, func(tx *Tx) { wantRecord(t, tx, Sessions, "", map[int]string{0: want}, 0) })
		}
	}
}

// wantRecord checks the record i, which is its name but where other says something else.
func wantRecord(t *testing.T, tx *Tx, table Table, name string, other map[int]string, i int) {
	t.Helper()
	want, ok := other[i]
	if !ok {
		want = name
	}
	if got, err := tx.Get(table, name); err != nil || string(got) != want {
		t.Errorf("%s in table %d is %q, %v, want %q", name, table, got, err, want)
	}
}

// If this failed, what a helper changes of a record that its caller staged would be lost.
func TestPartComesAfterItsWhole(t *testing.T) {
	put := func(tx *Tx) { tx.Put(Archives, "a", []byte("a record")) }
	remove := func(tx *Tx) { tx.Delete(Archives, "a") }
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			s := openKind(t, kind)
			for _, had := range []func(*Tx){put, remove} {
				for _, order := range []struct {
					whole, part func(*Tx)
					want        string
				}{{put, remove, ""}, {remove, put, "a record"}} {
					update(t, s, had)
					update(t, s, func(tx *Tx) {
						part := tx.Part()
						order.part(part)
						order.whole(tx)
						for i := range Batch {
							part.Put(Archives, fmt.Sprint(i), []byte("another"))
						}
					})
					update(t, s, func(tx *Tx) { wantRecord(t, tx, Archives, "a", map[int]string{0: order.want}, 0) })
				}
			}
		})
	}
}

// If this failed, one call's records would be in memory until another call needs it, or be in that
// call's commit.
func TestEndedTransactionHasNothing(t *testing.T) {
	failure := errors.New("refused")
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			s := openKind(t, kind)
			update(t, s, func(tx *Tx) { tx.Put(Sessions, "b", []byte("a secret row")) })
			for _, refuse := range []error{nil, failure} {
				for _, many := range []int{1, 2 * maxSearched} {
					var had []*Tx
					var memory [][]byte
					err := s.Update(func(tx *Tx) error {
						had = append(had, tx, tx.Part())
						for _, one := range had {
							for i := range many {
								one.Put(Sessions, fmt.Sprint(many, i, one == tx), []byte("a secret"))
							}
							one.Take("b")
							one.Keep("b", &note{})
							if err := one.Fetch(Sessions, []string{"b"}); err != nil {
								t.Error(err)
							}
							one.Seal()
							for _, c := range one.staged.list {
								memory = append(memory, c.value, c.room)
							}
							memory = append(memory, one.fetched[0].sealed)
						}
						return refuse
					})
					if err != refuse {
						t.Fatal(err)
					}
					for _, tx := range had {
						checkEnded(t, tx)
					}
					for _, b := range memory {
						if kind != "sealed" && bytes.Contains(b[:cap(b)], []byte("secret")) {
							t.Errorf("%q is left", b[:cap(b)])
						}
					}
				}
			}
		})
	}
}

func checkEnded(t *testing.T, tx *Tx) {
	t.Helper()
	if tx.store != nil || tx.whole != nil || tx.known != (knownNames{}) || tx.staged.index != nil {
		t.Errorf("it has %+v", tx)
	}
	for _, c := range tx.staged.list[:cap(tx.staged.list)] {
		if c.name != "" || c.value != nil || c.row.name != "" || c.row.table != 0 || c.row.value != nil || c.unmade {
			t.Errorf("it has the change %+v", c)
		}
	}
	for _, f := range tx.fetched[:cap(tx.fetched)] {
		if f.name != "" || f.rowName != "" || f.sealed != nil {
			t.Errorf("it has the row %+v", f)
		}
	}
	for _, k := range tx.keeps[:cap(tx.keeps)] {
		if k.name != "" || k.value != nil {
			t.Errorf("it has the value %+v", k)
		}
	}
	for _, c := range tx.rows[:cap(tx.rows)] {
		if c.name != "" || c.value != nil {
			t.Errorf("it has the row %+v", c)
		}
	}
	for _, part := range tx.parts[:cap(tx.parts)] {
		if part != nil {
			t.Error("it has a part")
		}
	}
}

// If this failed, a goroutine that a panic left behind could stage changes in another call.
func TestTransactionOfAPanicIsNotUsedAgain(t *testing.T) {
	s := openKind(t, "memory")
	value := []byte("a secret")
	var tx *Tx
	func() {
		defer func() { recover() }()
		s.Update(func(panics *Tx) error {
			tx = panics
			tx.Put(Sessions, "a", value)
			panic("it fails")
		})
	}()
	if tx.store != s || !zero(value) {
		t.Errorf("it is released: %v; its change is %q", tx.store != s, value)
	}
}

// If this failed, the keys of a session before would stay in memory behind, or beside, its next row.
func TestRowInMemoryIsWiped(t *testing.T) {
	s := openKind(t, "memory")
	at := func() []byte { return s.backend.(*memory).rows[stagedName{Sessions, "a"}].value }
	put := func(record string) {
		t.Helper()
		value := []byte(record)
		update(t, s, func(tx *Tx) { tx.Put(Sessions, "a", value) })
		if !zero(value) {
			t.Errorf("the staged record is %q", value)
		}
		if row := at(); string(row) != record || !zero(row[len(row):cap(row)]) {
			t.Errorf("the row is %q, and behind it %q", row, row[len(row):cap(row)])
		}
	}
	put("a record that is long")
	long := at()
	put("short")
	if short := at(); &short[0] != &long[0] {
		t.Error("a shorter row has new memory")
	}
	put("")
	put("a record that is much longer than the first one")
	if !zero(long) {
		t.Errorf("what was too small is %q", long)
	}
	had := at()
	update(t, s, func(tx *Tx) { tx.Delete(Sessions, "a") })
	if !zero(had) {
		t.Errorf("what was removed is %q", had)
	}
}
