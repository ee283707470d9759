package offer

import (
	"libcallkey/core/parallel"
	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// BeginAll begins sessions with the owners of the bundles, in one commit; bundles[i] is that of
// jids[i]. The statuses are in their order: those of signal.Begin, or DUPLICATE for a device that
// is named before, perhaps in another spelling. Nothing changed unless the error is nil.
//
// Errors: ARGUMENT (too many devices), NO_DEVICES (every device failed), NO_IDENTITY,
// STORE, STORE_CORRUPT.
func BeginAll(s *store.Store, jids []string, bundles []*session.Bundle) ([]status.Code, error) {
	f, err := newBeginning(jids, bundles)
	if err != nil {
		return nil, err
	}
	var codes []status.Code
	err = signal.WithinNamed(s, f.names, nil, func(tx *store.Tx, devices []signal.Device) error {
		begun, err := signal.BeginEach(tx, devices, f.bundles)
		if err != nil {
			return err
		}
		codes = f.all(begun)
		return anyOf(codes, "a session could not be begun")
	})
	if err != nil && status.Of(err) != status.NoDevices {
		return nil, err
	}
	return codes, err
}

// newBeginning is newFanOut for a list in which sessions begin with the owners of the bundles. A device whose
// bundle is wrong is refused alone; nil: no session begins with it.
func newBeginning(jids []string, bundles []*session.Bundle) (*fanOut, error) {
	given, at := session.Given(bundles)
	found := make([]error, len(given))
	parallel.Ranges(len(given), (len(given)+store.Batch-1)/store.Batch, func(from, to int) {
		session.CheckAll(given[from:to], found[from:to])
	})
	checked := make([]error, len(bundles))
	for i, err := range found {
		checked[at[i]] = err
	}
	f, err := newFanOut(jids, func(at int) error { return checked[at] })
	if err != nil {
		return nil, err
	}
	f.bundles = make([]*session.Bundle, len(f.names))
	for i := range f.bundles {
		f.bundles[i] = bundles[f.at(i)]
	}
	return f, nil
}
