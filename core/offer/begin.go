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
	checked := make([]error, len(bundles))
	parallel.Ranges(len(bundles), (len(bundles)+store.Batch-1)/store.Batch, func(from, to int) {
		session.CheckAll(bundles[from:to], checked[from:to])
	})
	f, err := newFanOut(jids, func(at int) error { return checked[at] })
	if err != nil {
		return nil, err
	}
	of := make([]*session.Bundle, len(f.addresses))
	for i := range of {
		of[i] = bundles[f.at(i)]
	}
	var codes []status.Code
	err = signal.Within(s, f.addresses, nil, func(tx *store.Tx, devices []signal.Device) error {
		begun, err := signal.BeginEach(tx, devices, of)
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
