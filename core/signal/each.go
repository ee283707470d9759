package signal

import (
	"libcallkey/core/parallel"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Each runs work once for every device, on all processors, with the records that it will need
// read ahead. i is the index of the device. A device that is named before, perhaps under another
// name, is DUPLICATE. The statuses are in the order of the devices; an error is one that no
// device caused.
func Each(tx *store.Tx, devices []Device, work func(part *store.Tx, i int) error) ([]status.Code, error) {
	first := make(map[Device]int, len(devices))
	for i, d := range devices {
		if _, ok := first[d]; !ok {
			first[d] = i
		}
	}
	codes, errs := make([]status.Code, len(devices)), make([]error, len(devices))
	batches := (len(devices) + store.Batch - 1) / store.Batch
	parallel.Ranges(len(devices), batches, func(from, to int) {
		part := tx.Part()
		ahead := fetch(part, devices[from:to])
		for i := from; i < to; i++ {
			switch {
			case ahead != nil:
				errs[i] = ahead
			case first[devices[i]] != i:
				codes[i] = status.Duplicate
			default:
				err := work(part, i)
				if codes[i] = status.Of(err); noDevices(codes[i]) {
					errs[i] = err
				}
			}
		}
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return codes, nil
}

// noDevices reports whether an error is not one device's: the others would fail too.
func noDevices(code status.Code) bool {
	return code == status.Store || code == status.Busy || code == status.Internal
}

// fetch reads the sessions and identities of devices ahead, at most store.Batch, except of those
// that the store keeps. Errors: STORE, STORE_CORRUPT.
func fetch(tx *store.Tx, devices []Device) error {
	names := make([]string, 0, len(devices))
	for _, d := range devices {
		if !tx.Kept(string(d)) {
			names = append(names, string(d))
		}
	}
	if err := tx.Fetch(store.Sessions, names); err != nil {
		return err
	}
	return tx.Fetch(store.Identities, names)
}
