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
// name, is DUPLICATE. The statuses are in the order of the devices; an error is one that no
// device caused.
func Each(tx *store.Tx, devices []Device, work func(part *store.Tx, i int) error) ([]status.Code, error) {
	codes := make([]status.Code, len(devices))
	markDuplicates(devices, codes)
	batches := (len(devices) + store.Batch - 1) / store.Batch
	if batches <= 1 {
		return codes, eachOf(tx, devices, codes, work)
	}
	var failed failure
	parallel.Ranges(len(devices), batches, func(from, to int) {
		err := eachOf(tx.Part(), devices[from:to], codes[from:to], func(part *store.Tx, i int) error {
			return work(part, from+i)
		})
		if err != nil {
			failed.note(from, err)
		}
	})
	return codes, failed.err
}

// markDuplicates gives every device that is named before its status. Few are compared with each
// other: a map would cost more.
func markDuplicates(devices []Device, codes []status.Code) {
	if len(devices) <= store.Batch {
		for i, d := range devices {
			if slices.Contains(devices[:i], d) {
				codes[i] = status.Duplicate
			}
		}
		return
	}
	named := make(map[Device]struct{}, len(devices))
	for i, d := range devices {
		if _, again := named[d]; again {
			codes[i] = status.Duplicate
		}
		named[d] = struct{}{}
	}
}

// eachOf is Each for at most store.Batch devices, in this goroutine. codes has the DUPLICATEs.
func eachOf(tx *store.Tx, devices []Device, codes []status.Code, work func(tx *store.Tx, i int) error) error {
	if err := fetch(tx, devices); err != nil {
		return err
	}
	var failed error
	for i := range devices {
		if codes[i] == status.Duplicate {
			continue
		}
		err := work(tx, i)
		if codes[i] = status.Of(err); noDevices(codes[i]) && failed == nil {
			failed = err
		}
	}
	return failed
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

// fetch reads the sessions and identities of devices ahead, at most store.Batch, except of those
// that the store keeps. Errors: STORE, STORE_CORRUPT.
func fetch(tx *store.Tx, devices []Device) error {
	var names []string
	for _, d := range devices {
		if !tx.Kept(string(d)) {
			names = append(names, string(d))
		}
	}
	if names == nil {
		return nil
	}
	if err := tx.Fetch(store.Sessions, names); err != nil {
		return err
	}
	return tx.Fetch(store.Identities, names)
}
