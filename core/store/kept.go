package store

import (
	"slices"
	"strings"
)

// Value is what an open store keeps in memory for a name besides its rows, so that the next call
// need not read them: the store knows nothing of its meaning. The rows are what makes it durable.
type Value interface {
	// Wipe clears it: nobody uses it any more.
	Wipe()
	// Size is its memory in bytes.
	Size() int
}

// entry is that of a name among those of which a store keeps values. While a call has the value, the entry
// stays: so the value comes back without a change of the map that all calls share.
type entry struct {
	name         string
	value        Value  // nil: a call took it
	row          string // the name of its row in Chains, which each message writes; "" if it is not known
	newer, older *entry // with a value
}

// maxKeptBytes limits the memory of kept values: that of the sessions with about 1,700 devices.
const maxKeptBytes = 4 << 20

// maxEmpty limits the entries without a value: of some, the value never comes back. A fan-out may have a few
// more for a moment.
const maxEmpty = 1 << 10

// kept are the values that a store keeps, the one used last at the front. Without each of these
// rules a value could be older than its rows, and a message key be used twice:
//
//   - A caller holds the lock of the name from Take until after the commit, like for its rows.
//   - Taking removes. So whatever empties this never meets a value that a call is using.
//   - A value comes (back) with the commit of its rows, or unchanged. Whatever else happens to the
//     call, the value is wiped, and the next call reads the rows: there is no half.
//   - Every change of a row of the name drops its value before it is committed: a commit that
//     failed may have been made durable all the same.
//   - All values are of one version of the file: of another one, after a commit of another process,
//     they count for nothing.
type kept struct {
	mu             brief
	version        int64
	byName         map[string]*entry
	values         int // entries that have one
	newest, oldest *entry
	bytes          int
}

// keptBytes is the memory of a value besides its own, about.
const keptBytes = 256

func (e *entry) bytes() int { return keptBytes + len(e.name) + e.value.Size() }

// isKept reports whether kept values are made from the rows of t.
func (t Table) isKept() bool { return t == Sessions || t == Chains || t == Archives || t == Identities }

// at empties k unless its values are of this version of the file.
func (k *kept) at(version int64) {
	if k.version != version {
		k.empty()
		k.version = version
	}
}

func (k *kept) empty() {
	for k.oldest != nil {
		k.leave(k.oldest).Wipe()
	}
	clear(k.byName)
}

// leave takes the value out of its entry.
func (k *kept) leave(e *entry) Value {
	k.values--
	k.bytes -= e.bytes()
	if e.newer != nil {
		e.newer.older = e.older
	} else {
		k.newest = e.older
	}
	if e.older != nil {
		e.older.newer = e.newer
	} else {
		k.oldest = e.newer
	}
	value := e.value
	e.value, e.newer, e.older = nil, nil, nil
	return value
}

// remove wipes the value of an entry, if it has one, and forgets the entry.
func (k *kept) remove(e *entry) {
	if e.value != nil {
		k.leave(e).Wipe()
	}
	delete(k.byName, e.name)
}

// take gives each name the value that is kept of it at this version, and takes that out.
func (k *kept) take(names []keeping, version int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at(version)
	for i := range names {
		one := &names[i]
		if e := k.byName[one.name]; e != nil && e.value != nil {
			one.row, one.value = e.row, k.leave(e)
		}
	}
	if len(k.byName)-k.values > maxEmpty {
		for _, e := range k.byName {
			if e.value == nil {
				k.remove(e) // what comes back later gets a new one
			}
		}
	}
}

// put takes ownership of values at this version, and drops those that were not used for the longest
// time if they are too many.
func (k *kept) put(version int64, values []keeping) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at(version)
	if k.byName == nil {
		k.byName = map[string]*entry{}
	}
	for i := range values {
		k.add(&values[i])
	}
	for k.bytes > maxKeptBytes {
		k.remove(k.oldest)
	}
}

func (k *kept) add(one *keeping) {
	e := k.byName[one.name]
	switch {
	case e == nil:
		e = &entry{name: strings.Clone(one.name)} // of a call, it may be part of all its names
		k.byName[e.name] = e
	case e.value != nil:
		k.leave(e).Wipe()
	}
	e.value, e.row, e.older = one.value, one.row, k.newest
	if e.row == e.name {
		e.row = e.name // in a store in memory: the copy
	}
	if k.newest != nil {
		k.newest.newer = e
	} else {
		k.oldest = e
	}
	k.newest = e
	k.values++
	k.bytes += e.bytes()
}

// drop wipes the value of a name, if there is one.
func (k *kept) drop(name string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if e := k.byName[name]; e != nil {
		k.remove(e)
	}
}

// wipe drops all values.
func (k *kept) wipe() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.empty()
}

// keeping is a value that is taken, or that is kept once its rows are committed.
type keeping struct {
	name  string
	value Value
	row   string // entry's
}

// Take returns the value that is kept for a name and removes it, nil if there is none. The
// caller, who holds the lock of the name, owns it: it may change it, and gives it to Keep or
// Return, or wipes it.
func (tx *Tx) Take(name string) Value {
	var value [1]Value
	tx.TakeEach([]string{name}, value[:])
	return value[0]
}

// TakeEach is Take for at most Batch names, each of them once, in one visit of the memory that all calls
// share. values[i] is that of names[i].
func (tx *Tx) TakeEach(names []string, values []Value) {
	var memory [Batch]keeping
	took := memory[:len(names)]
	for i, name := range names {
		took[i].name = name
	}
	pause()
	tx.store.kept.take(took, tx.version)
	pause()
	for i, one := range took {
		values[i] = one.value
		tx.known.add(known{one.name, one.row, true})
	}
}

// Keep takes ownership of a value that fits the rows which tx staged for the name, and keeps it
// once they are committed. A later Put or Delete of one of them drops it.
func (tx *Tx) Keep(name string, value Value) {
	tx.unkeep(name)
	one := keeping{name: name, value: value}
	if staged := tx.staged.find(Chains, name); staged != nil {
		one.row = staged.row.name
	}
	tx.keeps = append(tx.keeps, one)
}

// Return takes ownership of a value that did not change, and keeps it on: no row of the name is staged. It
// must be this tx that took it, not a part of it or its whole, and one of the last names that it took: what
// it does not know to be out, it wipes.
func (tx *Tx) Return(name string, value Value) {
	k := tx.known.find(name)
	if k == nil || !k.taken {
		value.Wipe()
		return
	}
	k.taken = false
	one := [1]keeping{{name, value, k.row}}
	tx.store.kept.put(tx.version, one[:])
}

// unkeep wipes the value that tx would keep for a name. It has few, because a fan-out has a part
// for every Batch devices.
func (tx *Tx) unkeep(name string) {
	for i := range tx.keeps {
		if tx.keeps[i].name == name {
			tx.keeps[i].value.Wipe()
			tx.keeps = slices.Delete(tx.keeps, i, i+1)
			return
		}
	}
}

// dropKept drops the value of a name, one of whose rows changes. What tx took is not there: the lock of
// the name is held, so nobody else brought one back.
func (tx *Tx) dropKept(name string) {
	tx.unkeep(name)
	if k := tx.known.find(name); k == nil || !k.taken {
		tx.store.kept.drop(name)
	}
}

// keep keeps the values of the whole and its parts if they were committed, and wipes them if not.
func (tx *Tx) keep(committed bool) {
	switch {
	case len(tx.keeps) == 0:
	case committed:
		tx.store.kept.put(tx.version, tx.keeps)
	default:
		for _, k := range tx.keeps {
			k.value.Wipe()
		}
	}
	clear(tx.keeps)
	tx.keeps = tx.keeps[:0]
	for _, part := range tx.parts {
		part.keep(committed)
	}
}
