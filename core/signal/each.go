package signal

import (
	"slices"
	"sync"

	"libcallkey/core/parallel"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Each runs work once for every device, on all processors, with the records that it will need
// read ahead. i is the index of the device. A device that is named before, perhaps under another
// name, is DUPLICATE. One with a status in refused, which may be nil, keeps it and is left out. The statuses
// are in the order of the devices; an error is one that no device caused.
func Each(tx *store.Tx, devices []Device, refused []status.Code, work func(part *store.Tx, i int) error) ([]status.Code, error) {
	all := newBatch(devices, refused)
	return all.codes, all.cut(tx, func(part *store.Tx, b batch) error { return b.each(part, work) })
}

// batch are devices of a call, and what became of them.
type batch struct {
	devices []Device
	codes   []status.Code // OK until it failed; what was refused, and a DUPLICATE, is known before
	first   int           // the place of the first device in the call
	begins  *beginnings   // of the call
}

// beginNone is for a call in which no session begins.
var beginNone beginnings

// newBatch has all devices of a call. refused is Each's.
func newBatch(devices []Device, refused []status.Code) batch {
	b := batch{devices, make([]status.Code, len(devices)), 0, &beginNone}
	copy(b.codes, refused)
	markDuplicates(b.devices, b.codes)
	return b
}

// alone is the number of devices up to which a call stays on its thread: it takes half a millisecond for
// them, and the other processors are for the calls of other threads.
const alone = 128

// cut runs work for at most store.Batch devices at once, on all processors if there are many. Each has
// a part of tx, unless there is only one.
func (b batch) cut(tx *store.Tx, work func(part *store.Tx, b batch) error) error {
	pieces := (len(b.devices) + store.Batch - 1) / store.Batch
	if pieces <= 1 {
		return work(tx, b)
	}
	var failed failure
	piece := func(from, to int) {
		part := tx.Part()
		if err := work(part, batch{b.devices[from:to], b.codes[from:to], from, b.begins}); err != nil {
			failed.note(from, err)
			return
		}
		part.Seal()
	}
	if len(b.devices) > alone {
		parallel.Ranges(len(b.devices), pieces, piece)
		return failed.err
	}
	for from := 0; from < len(b.devices); from += store.Batch {
		piece(from, min(from+store.Batch, len(b.devices)))
	}
	return failed.err
}

// each runs work for each of at most store.Batch devices.
func (b batch) each(tx *store.Tx, work func(tx *store.Tx, i int) error) (failed error) {
	var names []string
	for i, d := range b.devices {
		if b.codes[i] == status.OK {
			names = append(names, string(d))
		}
	}
	if err := fetch(tx, names); err != nil {
		return err
	}
	for i := range b.devices {
		if b.codes[i] == status.OK {
			b.note(i, work(tx, b.first+i), &failed)
		}
	}
	return failed
}

// note gives device i of the batch its status. failed is the first error that no device caused.
func (b batch) note(i int, err error, failed *error) {
	if b.codes[i] = status.Of(err); noDevices(b.codes[i]) && *failed == nil {
		*failed = err
	}
}

// maxSpareNames limits the names that a set has memory for and waits for the next call.
const maxSpareNames = 512

// nameSets are empty.
var nameSets = sync.Pool{New: func() any { return map[Device]struct{}{} }}

// markDuplicates gives every device that is named before its status, unless it was refused. Few are compared with each
// other: a map would cost more.
func markDuplicates(devices []Device, codes []status.Code) {
	if len(devices) <= store.Batch {
		for i, d := range devices {
			if codes[i] == status.OK && slices.Contains(devices[:i], d) {
				codes[i] = status.Duplicate
			}
		}
		return
	}
	named := nameSets.Get().(map[Device]struct{})
	defer func() {
		if len(named) <= maxSpareNames {
			clear(named)
			nameSets.Put(named)
		}
	}()
	for i, d := range devices {
		if _, again := named[d]; again && codes[i] == status.OK {
			codes[i] = status.Duplicate
		}
		named[d] = struct{}{}
	}
}

// failure is the error of the first devices that have one.
type failure struct {
	mu  sync.Mutex
	at  int
	err error
}

func (f *failure) note(at int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil || at < f.at {
		f.at, f.err = at, err
	}
}

// noDevices reports whether an error is not one device's: the others would fail too.
func noDevices(code status.Code) bool {
	return code == status.Store || code == status.Busy || code == status.Internal
}

// fetch reads the sessions, without archives, and identities of devices ahead, at most store.Batch. Errors: STORE,
// STORE_CORRUPT.
func fetch(tx *store.Tx, names []string) error {
	if len(names) == 0 {
		return nil
	}
	for _, table := range []store.Table{store.Sessions, store.Chains, store.Identities} {
		if err := tx.Fetch(table, names); err != nil {
			return err
		}
	}
	return nil
}
