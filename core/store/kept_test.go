package store

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"libcallkey/core/status"
)

// note is a kept value that knows whether it was wiped.
type note struct {
	text  string
	size  int
	wiped bool
}

func (n *note) Wipe()     { n.wiped = true }
func (n *note) Size() int { return n.size }

var keptTables = []Table{Sessions, Chains, Archives, Identities}

// desk is a store, another connection to its file, and SQLite's own; for a memory store only the first.
type desk struct {
	s, other *Store
	db       *sql.DB
}

func newDesk(t *testing.T, o Options) desk {
	t.Helper()
	path, key := filepath.Join(t.TempDir(), "s"), bytes.Repeat([]byte{7}, StorageKeyBytes)
	open := func() *Store {
		s, err := Open(path, key, o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	if o.Memory {
		return desk{s: open()}
	}
	d := desk{s: open(), other: open()}
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	d.db = db
	return d
}

// eachStore runs a test with a store in a file and one in memory.
func eachStore(t *testing.T, test func(t *testing.T, d desk)) {
	t.Run("file", func(t *testing.T) { test(t, newDesk(t, Options{})) })
	t.Run("memory", func(t *testing.T) { test(t, newDesk(t, Options{Memory: true})) })
}

// update is an Update that must succeed.
func update(t *testing.T, s *Store, work func(tx *Tx)) {
	t.Helper()
	if err := s.Update(func(tx *Tx) error { work(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

// keeps commits a row and keeps a value of it.
func keeps(t *testing.T, s *Store, name string) *note {
	t.Helper()
	n := &note{text: name}
	update(t, s, func(tx *Tx) {
		tx.Put(Chains, name, []byte("row"))
		tx.Keep(name, n)
	})
	return n
}

// returns keeps a value of which nothing changed, as if tx had taken it.
func returns(tx *Tx, name string, v Value) {
	tx.Take(name)
	tx.Return(name, v)
}

// taken is what the next call finds.
func taken(t *testing.T, s *Store, name string) (n *note) {
	t.Helper()
	update(t, s, func(tx *Tx) {
		n, _ = tx.Take(name).(*note)
	})
	return n
}

// If this failed, two calls could advance one value.
func TestKeptValueIsTakenOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, d desk) {
		kept := keeps(t, d.s, "a")
		if other := taken(t, d.s, "b"); other != nil {
			t.Errorf("another name has it: %v", other)
		}
		if got := taken(t, d.s, "a"); got != kept || got.wiped {
			t.Fatalf("Take returns %v", got)
		}
		if got := taken(t, d.s, "a"); got != nil {
			t.Errorf("a second time Take returns %v", got)
		}
		update(t, d.s, func(tx *Tx) { returns(tx, "a", kept) })
		if got := taken(t, d.s, "a"); got != kept || got.wiped {
			t.Errorf("after Return Take returns %v", got)
		}
		update(t, d.s, func(tx *Tx) { // of a part, as a fan-out has
			part := tx.Part()
			part.Put(Chains, "a", []byte("row"))
			part.Keep("a", kept)
			if tx.Take("a") != nil {
				t.Error("a value is kept before its rows are committed")
			}
		})
		if got := taken(t, d.s, "a"); got != kept || got.wiped {
			t.Errorf("after a part's Keep Take returns %v", got)
		}
	})
}

// If this failed, a fan-out would seal for a device in another one's session, or in none.
func TestTakeEach(t *testing.T) {
	eachStore(t, func(t *testing.T, d desk) {
		a, c := keeps(t, d.s, "a"), keeps(t, d.s, "c")
		names := []string{"c", "b", "a"}
		update(t, d.s, func(tx *Tx) {
			values := []Value{c, c, c}
			tx.TakeEach(names, values)
			if values[0] != c || values[1] != nil || values[2] != a {
				t.Errorf("it returns %v, want those of c, none and a", values)
			}
			tx.TakeEach(names, values)
			if values[0] != nil || values[1] != nil || values[2] != nil {
				t.Errorf("a second time it returns %v", values)
			}
			for _, name := range names { // a part of a fan-out of more devices than a transaction knows
				for i := range 2 * Batch {
					tx.Take(fmt.Sprint(name, i))
				}
				tx.Put(Chains, name, []byte(name))
			}
			tx.Keep("c", a)
			tx.Keep("a", c)
		})
		if got := taken(t, d.s, "a"); got != c || got.wiped {
			t.Errorf("Take returns %v, want what Keep got", got)
		}
	})
}

// If this failed, a value could be further than its row, or behind it, after a call that failed.
func TestKeptValueNeedsItsCommit(t *testing.T) {
	failure := errors.New("refused")
	d := newDesk(t, Options{})
	advance := func(tx *Tx, n *note) {
		part := tx.Part()
		part.Take("a")
		part.Put(Chains, "a", []byte("next"))
		part.Keep("a", n)
	}
	exec := func(text string) {
		t.Helper()
		if _, err := d.db.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	for name, call := range map[string]func(next *note) error{
		"the work fails": func(next *note) error {
			return d.s.Update(func(tx *Tx) error { advance(tx, next); return failure })
		},
		"the work panics": func(next *note) (err error) {
			defer func() { err = recover().(error) }()
			return d.s.Update(func(tx *Tx) error { advance(tx, next); panic(failure) })
		},
		"a row can't be written": func(next *note) error {
			exec("CREATE TRIGGER no BEFORE INSERT ON chains BEGIN SELECT RAISE(ABORT, 'no'); END")
			defer exec("DROP TRIGGER no")
			return d.s.Update(func(tx *Tx) error { advance(tx, next); return nil })
		},
		"a race is lost": func(next *note) error {
			runs := 0
			return d.s.Update(func(tx *Tx) error {
				if runs++; runs == 2 {
					if tx.Take("a") != nil {
						t.Error("the second run finds a value of the first")
					}
					return failure
				}
				advance(tx, next)
				return d.other.Update(func(tx *Tx) error { tx.Put(Chains, "b", []byte("1")); return nil })
			})
		},
		"it is kept twice": func(next *note) error {
			return d.s.Update(func(tx *Tx) error {
				tx.Keep("a", next)
				tx.Keep("a", &note{})
				return failure
			})
		},
	} {
		keeps(t, d.s, "a")
		next := &note{}
		if err := call(next); err == nil {
			t.Errorf("%s: the call succeeds", name)
		}
		if !next.wiped {
			t.Errorf("%s: the value is not wiped", name)
		}
		if got := taken(t, d.s, "a"); got == next {
			t.Errorf("%s: the value is kept", name)
		}
	}
}

// If this failed, a warm message would write the session into another device's row, or into one that
// nobody reads, and its message key would be used twice.
func TestRowOfAKeptValueIsTheNames(t *testing.T) {
	eachStore(t, func(t *testing.T, d desk) {
		rows := map[string]string{}
		write := func(tx *Tx, name string) {
			rows[name] += "+"
			tx.Put(Chains, name, []byte(name+rows[name]))
		}
		check := func(after string) {
			t.Helper()
			update(t, d.s, func(tx *Tx) {
				for name, row := range rows {
					if got, err := tx.Get(Chains, name); err != nil || string(got) != name+row {
						t.Errorf("after %s the row of %s is %q, %v, want %q", after, name, got, err, name+row)
					}
				}
			})
		}
		keeps := func(tx *Tx, name string, v Value) {
			write(tx, name)
			tx.Keep(name, v)
		}
		update(t, d.s, func(tx *Tx) {
			keeps(tx, "a", &note{})
			keeps(tx, "b", &note{})
		})
		check("the first messages")
		update(t, d.s, func(tx *Tx) {
			a, b := tx.Take("a"), tx.Take("b")
			keeps(tx, "a", a)
			keeps(tx, "b", b)
		})
		check("warm messages")
		update(t, d.s, func(tx *Tx) {
			a, b := tx.Take("a"), tx.Take("b")
			tx.Return("a", a)
			tx.Return("b", b)
		})
		update(t, d.s, func(tx *Tx) {
			keeps(tx, "b", tx.Take("b"))
			tx.Return("a", tx.Take("a"))
			write(tx, "c")
		})
		check("refused messages")
		update(t, d.s, func(tx *Tx) { keeps(tx, "c", tx.Take("a")) })
		update(t, d.s, func(tx *Tx) { keeps(tx, "c", tx.Take("c")) })
		check("a value went to another name")
		update(t, d.s, func(tx *Tx) {
			value := tx.Take("c")
			returns(tx, "a", value)
		})
		update(t, d.s, func(tx *Tx) { keeps(tx, "a", tx.Take("a")) })
		check("a value came back under another name")
		update(t, d.s, func(tx *Tx) {
			value := tx.Take("a")
			part := tx.Part()
			write(part, "a")
			tx.Keep("a", value)
		})
		update(t, d.s, func(tx *Tx) { keeps(tx, "a", tx.Take("a")) })
		check("a part staged the row")
		update(t, d.s, func(tx *Tx) {
			tx.Take("a")
			if got := tx.rowName(Archives, "a"); got != d.s.backend.sealer().rowName(Archives, "a") {
				t.Errorf("the row of its archive is %q", got)
			}
		})
	})
}

// If this failed, a session that was imported, removed or begun anew would seal on as before.
func TestWrittenRowDropsItsKeptValue(t *testing.T) {
	eachStore(t, func(t *testing.T, d desk) {
		failure := errors.New("refused")
		writes := map[string]func(tx *Tx, table Table, name string){
			"Put":    func(tx *Tx, table Table, name string) { tx.Put(table, name, []byte("new")) },
			"Delete": func(tx *Tx, table Table, name string) { tx.Delete(table, name) },
		}
		for name, write := range writes {
			for _, table := range keptTables {
				for _, refuse := range []error{nil, failure} {
					kept, other := keeps(t, d.s, "a"), keeps(t, d.s, "b")
					if err := d.s.Update(func(tx *Tx) error { write(tx.Part(), table, "a"); return refuse }); err != refuse {
						t.Fatal(err)
					}
					if got := taken(t, d.s, "a"); got != nil || !kept.wiped {
						t.Errorf("%s in table %d, then %v: Take returns %v, and it is wiped: %v", name, table, refuse, got, kept.wiped)
					}
					if got := taken(t, d.s, "b"); got != other {
						t.Errorf("%s in table %d drops another name's value", name, table)
					}
				}
				// In the transaction that keeps it.
				kept := &note{}
				update(t, d.s, func(tx *Tx) {
					tx.Keep("a", kept)
					write(tx, table, "a")
				})
				if got := taken(t, d.s, "a"); got != nil || !kept.wiped {
					t.Errorf("Keep, then %s in table %d: Take returns %v, and it is wiped: %v", name, table, got, kept.wiped)
				}
			}
			kept := keeps(t, d.s, "a")
			update(t, d.s, func(tx *Tx) {
				tx.Return("a", tx.Take("a"))
				write(tx, Sessions, "a")
			})
			if got := taken(t, d.s, "a"); got != nil || !kept.wiped {
				t.Errorf("%s after Return: Take returns %v, and it is wiped: %v", name, got, kept.wiped)
			}
			for _, order := range []string{"a part returns it", "the whole returns it", "it was taken long before"} {
				kept = keeps(t, d.s, "a")
				update(t, d.s, func(tx *Tx) {
					takes, returns := tx, tx.Part()
					if order == "the whole returns it" {
						takes, returns = returns, takes
					}
					value := takes.Take("a")
					if order == "it was taken long before" {
						returns = takes
						for i := range Batch {
							tx.Take(fmt.Sprint(i))
						}
					}
					returns.Return("a", value)
					write(takes, Sessions, "a")
				})
				if got := taken(t, d.s, "a"); got != nil || !kept.wiped {
					t.Errorf("%s, where %s: Take returns %v, and it is wiped: %v", name, order, got, kept.wiped)
				}
			}
			kept = keeps(t, d.s, "a")
			update(t, d.s, func(tx *Tx) { write(tx, Prekeys, "a") })
			if got := taken(t, d.s, "a"); got != kept {
				t.Errorf("%s in another table: Take returns %v", name, got)
			}
		}
	})
}

// If this failed, two processes would seal with one message key.
func TestKeptValueAfterAnotherProcess(t *testing.T) {
	d := newDesk(t, Options{})
	foreign := func() {
		update(t, d.other, func(tx *Tx) { tx.Put(Prekeys, "1", []byte("1")) })
	}
	kept, second := keeps(t, d.s, "a"), keeps(t, d.s, "b")
	foreign()
	if got := taken(t, d.s, "a"); got != nil {
		t.Errorf("Take returns %v", got)
	}
	if !kept.wiped || !second.wiped {
		t.Errorf("they are wiped: %v, %v", kept.wiped, second.wiped)
	}
	// A call that began before it, and others since.
	keeps(t, d.s, "a")
	runs := 0
	update(t, d.s, func(tx *Tx) {
		if runs++; runs > 1 {
			return
		}
		foreign()
		newer := keeps(t, d.s, "a")
		if got := tx.Take("a"); got != nil || !newer.wiped {
			t.Errorf("Take returns %v of a newer version", got)
		}
		late := &note{}
		returns(tx, "c", late) // kept of the older version: nobody may take it any more
		if got := taken(t, d.s, "c"); got != nil || !late.wiped {
			t.Errorf("Take returns %v of an older version", got)
		}
	})
	if runs != 2 {
		t.Errorf("it ran %d times", runs)
	}
	// And one that keeps its value late, after others saw the other process's commit.
	var k kept2
	k.run(t)
}

// kept2 checks the order that no call can be brought to from here.
type kept2 struct{ kept }

func (k *kept2) run(t *testing.T) {
	t.Helper()
	newer, late := &note{}, &note{}
	k.put(2, []keeping{{name: "a", value: newer}})
	k.put(1, []keeping{{name: "b", value: late}})
	got := []keeping{{name: "b"}}
	if k.take(got, 2); got[0].value != nil || !late.wiped || !newer.wiped {
		t.Errorf("take returns %v, put late; wiped: %v, %v", got[0].value, late.wiped, newer.wiped)
	}
}

// count is the number of values in their order; -1 if it is another one the other way round.
func (k *kept) count() int {
	older, newer := 0, 0
	for e := k.newest; e != nil; e = e.older {
		older++
	}
	for e := k.oldest; e != nil; e = e.newer {
		newer++
	}
	if older != newer {
		return -1
	}
	return older
}

// If this failed, an app that talks to many devices would have all their sessions in memory.
func TestKeptValuesAreBounded(t *testing.T) {
	d := newDesk(t, Options{Memory: true})
	const n = 8
	size := maxKeptBytes/n - keptBytes - len("0")
	var notes []*note
	keep := func(i int) {
		t.Helper()
		update(t, d.s, func(tx *Tx) { returns(tx, fmt.Sprint(i), notes[i]) })
	}
	for i := range n + 2 {
		notes = append(notes, &note{size: size})
		if i == n { // the first one is used again: the second is the oldest
			if got := taken(t, d.s, "0"); got != notes[0] {
				t.Fatalf("Take returns %v, and there is room for %d", got, n)
			}
			keep(0)
		}
		keep(i)
	}
	for i, one := range notes {
		if gone := i == 1 || i == 2; one.wiped != gone {
			t.Errorf("value %d is wiped: %v", i, one.wiped)
		}
	}
	if k := &d.s.kept; k.bytes > maxKeptBytes || len(k.byName) != n || k.count() != n {
		t.Errorf("%d bytes in %d values", k.bytes, k.count())
	}
	huge := &note{size: maxKeptBytes}
	update(t, d.s, func(tx *Tx) { returns(tx, "huge", huge) })
	if k := &d.s.kept; !huge.wiped || k.bytes != 0 || len(k.byName) != 0 {
		t.Errorf("a value that is too large: wiped %v, %d bytes in %d values", huge.wiped, k.bytes, len(k.byName))
	}
}

// If this failed, the store would remember the name of each device whose message failed, or lose the
// value of one that is late.
func TestEntriesWithoutValueAreBounded(t *testing.T) {
	d := newDesk(t, Options{Memory: true})
	late := keeps(t, d.s, "late")
	update(t, d.s, func(tx *Tx) {
		tx.Take("late")
		update(t, d.s, func(tx *Tx) {
			for i := range 3*maxEmpty + 1 {
				name := fmt.Sprint(i)
				keeps(t, d.s, name)
				tx.Take(name)
				if n := len(d.s.kept.byName); n > maxEmpty+2 {
					t.Fatalf("%d entries", n)
				}
			}
		})
		tx.Return("late", late)
	})
	if got := taken(t, d.s, "late"); got != late || got.wiped {
		t.Errorf("Take returns %v", got)
	}
	if n := d.s.kept.count(); n != 0 || n != d.s.kept.values {
		t.Errorf("%d values are left, counted as %d", n, d.s.kept.values)
	}
}

// If this failed, sessions would stay in the memory of an app that closed its store.
func TestCloseWipesKeptValues(t *testing.T) {
	eachStore(t, func(t *testing.T, d desk) {
		one, two := keeps(t, d.s, "a"), keeps(t, d.s, "b")
		if one.wiped || two.wiped {
			t.Fatal("they are wiped before")
		}
		if err := d.s.Close(); err != nil {
			t.Fatal(err)
		}
		if !one.wiped || !two.wiped {
			t.Errorf("they are wiped: %v, %v", one.wiped, two.wiped)
		}
		if err := d.s.Update(func(*Tx) error { return nil }); status.Of(err) != status.Handle {
			t.Errorf("a closed store: %v", err)
		}
	})
}
