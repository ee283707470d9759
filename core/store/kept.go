package store

import (
	"container/list"
	"sync"
)

// Value is what an open store keeps in memory for a name besides its rows, so that the next call
// need not read them: the store knows nothing of its meaning. The rows are what makes it durable.
type Value interface {
	// Wipe clears it: nobody uses it any more.
	Wipe()
	// Size is its memory in bytes.
	Size() int
}

// maxKeptBytes limits the memory of kept values: that of the sessions with about 1,700 devices.
const maxKeptBytes = 4 << 20

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
	mu      sync.Mutex
	version int64
	byName  map[string]*list.Element
	order   list.List // of *keptValue
	bytes   int
}

type keptValue struct {
	name  string
	value Value
}

// keptBytes is the memory of a value besides its own, about.
const keptBytes = 256

func (v *keptValue) bytes() int { return keptBytes + len(v.name) + v.value.Size() }

// isKept reports whether kept values are made from the rows of t.
func (t Table) isKept() bool { return t == Sessions || t == Archives || t == Identities }

// at empties k unless its values are of this version of the file.
func (k *kept) at(version int64) {
	if k.version != version {
		k.empty()
		k.version = version
	}
}

func (k *kept) empty() {
	for k.order.Len() > 0 {
		k.remove(k.order.Back()).Wipe()
	}
}

func (k *kept) remove(at *list.Element) Value {
	v := k.order.Remove(at).(*keptValue)
	delete(k.byName, v.name)
	k.bytes -= v.bytes()
	return v.value
}

// take removes and returns the value of a name, nil if there is none of this version.
func (k *kept) take(name string, version int64) Value {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at(version)
	if at := k.byName[name]; at != nil {
		return k.remove(at)
	}
	return nil
}

func (k *kept) has(name string, version int64) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.version == version && k.byName[name] != nil
}

// put takes ownership of the value of a name at this version, and drops those that were not used
// for the longest time if they are too many.
func (k *kept) put(name string, version int64, value Value) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at(version)
	if at := k.byName[name]; at != nil {
		k.remove(at).Wipe()
	}
	if k.byName == nil {
		k.byName = map[string]*list.Element{}
	}
	v := &keptValue{name, value}
	k.byName[name] = k.order.PushFront(v)
	k.bytes += v.bytes()
	for k.bytes > maxKeptBytes {
		k.remove(k.order.Back()).Wipe()
	}
}

// drop wipes the value of a name, if there is one.
func (k *kept) drop(name string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if at := k.byName[name]; at != nil {
		k.remove(at).Wipe()
	}
}

// wipe drops all values.
func (k *kept) wipe() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.empty()
}

// Take returns the value that is kept for a name and removes it, nil if there is none. The
// caller, who holds the lock of the name, owns it: it may change it, and gives it to Keep or
// Return, or wipes it.
func (tx *Tx) Take(name string) Value {
	pause()
	defer pause()
	return tx.store.kept.take(name, tx.version)
}

// Kept reports whether Take would return a value, unless another call takes its room meanwhile.
func (tx *Tx) Kept(name string) bool { return tx.store.kept.has(name, tx.version) }

// Keep takes ownership of a value that fits the rows which tx staged for the name, and keeps it
// once they are committed. A later Put or Delete of one of them drops it.
func (tx *Tx) Keep(name string, value Value) {
	if had := tx.keeps[name]; had != nil {
		had.Wipe()
	}
	if tx.keeps == nil {
		tx.keeps = map[string]Value{}
	}
	tx.keeps[name] = value
}

// Return takes ownership of a value of Take that did not change, and keeps it on: tx has staged
// no row of the name.
func (tx *Tx) Return(name string, value Value) { tx.store.kept.put(name, tx.version, value) }

// dropKept drops the value of a name, one of whose rows changes.
func (tx *Tx) dropKept(name string) {
	if had := tx.keeps[name]; had != nil {
		had.Wipe()
		delete(tx.keeps, name)
	}
	tx.store.kept.drop(name)
}

// keep keeps the values of the whole and its parts if they were committed, and wipes them if not.
func (tx *Tx) keep(committed bool) {
	for name, value := range tx.keeps {
		if committed {
			tx.store.kept.put(name, tx.version, value)
		} else {
			value.Wipe()
		}
	}
	clear(tx.keeps)
	for _, part := range tx.parts {
		part.keep(committed)
	}
}
