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
		begun, err := signal.BeginEach(tx, devices, f.codes, f.bundles)
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
// bundle is wrong is left out; nil: no session begins with it.
func newBeginning(jids []string, bundles []*session.Bundle) (*fanOut, error) {
	f, err := newFanOut(jids)
	if err != nil {
		return nil, err
	}
	f.bundles = make([]*session.Bundle, len(f.names))
	for i := range f.bundles {
		f.bundles[i] = bundles[f.at(i)]
	}
	given, of := session.Given(f.bundles)
	found := make([]error, len(given))
	parallel.Ranges(len(given), (len(given)+store.Batch-1)/store.Batch, func(from, to int) {
		session.CheckAll(given[from:to], found[from:to])
	})
	for i, err := range found {
		if err != nil {
			f.bundles[of[i]] = nil
			f.leaveOut(of[i], status.Of(err))
		}
	}
	return f, nil
}
