package signal

import (
	"libcallkey/core/parallel"
	"libcallkey/core/session"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// beginnings are the sessions that begin in a call. Wipe them.
type beginnings struct {
	bundles []*session.Bundle // of the call's devices; nil: that device's does not begin
	begun   []session.Beginning
}

// beginAll begins a session with the owner of each bundle. Errors: NO_IDENTITY, STORE, STORE_CORRUPT.
func beginAll(tx *store.Tx, bundles []*session.Bundle) (b beginnings, err error) {
	own, err := loadAccount(tx)
	if err != nil {
		return b, err
	}
	defer own.Wipe()
	given, at := session.Given(bundles)
	begun := make([]session.Beginning, len(given))
	defer func() { // after a panic: b has them otherwise
		for i := range begun {
			begun[i].Wipe()
		}
	}()
	now := tx.Now()
	parallel.Ranges(len(given), (len(given)+store.Batch-1)/store.Batch, func(from, to int) {
		session.BeginAll(&own.Account, given[from:to], now, session.System, begun[from:to])
	})
	b = beginnings{bundles, make([]session.Beginning, len(bundles))}
	for i := range begun {
		b.begun[at[i]], begun[i] = begun[i], session.Beginning{}
	}
	return b, nil
}

func (b *beginnings) Wipe() {
	for i := range b.begun {
		b.begun[i].Wipe()
	}
}

// of returns what begins with device i, nil if nothing does.
func (b *beginnings) of(i int) (begun *session.Beginning, identity *[32]byte) {
	if i >= len(b.bundles) || b.bundles[i] == nil {
		return nil, nil
	}
	return &b.begun[i], &b.bundles[i].IdentityKey
}

// BeginEach is Begin for several devices of Within; bundles[i], which Check accepted, is the one
// of devices[i], or nil of one that was refused. The statuses, refused and the error are those of Each;
// NO_IDENTITY is an error too.
func BeginEach(tx *store.Tx, devices []Device, refused []status.Code, bundles []*session.Bundle) ([]status.Code, error) {
	all, err := beginAll(tx, bundles)
	if err != nil {
		return nil, err
	}
	defer all.Wipe()
	return Each(tx, devices, refused, func(part *store.Tx, i int) error {
		begun, identity := all.of(i)
		return begin(part, devices[i], identity, begun)
	})
}

// begin stages nothing if it fails: in a batch the others are committed.
func begin(tx *store.Tx, d Device, identity *[32]byte, begun *session.Beginning) error {
	return changeRecord(tx, d, func(r *session.Record) error {
		if err := r.Take(begun); err != nil {
			return err
		}
		return trust(tx, d, identity)
	})
}
