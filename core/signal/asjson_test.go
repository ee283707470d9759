//go:build !without_libsignal

package signal

import (
	"bytes"
	"libcallkey/core/session/sessiontest"
	"testing"
)

// A record that comes as the Go Signal library's JSON must be the one that comes as protobuf, down
// to what nobody uses every day: a registration id, a counter, a prekey that is still pending.
func TestJSONRecordIsTheSame(t *testing.T) {
	a, b := twoDevices(t)
	for range 3 {
		if _, err := b.seal("stays away"); err != nil {
			t.Fatal(err)
		}
		passes(t, b, a)
		passes(t, a, b)
	}
	for _, oneTime := range []bool{true, false} {
		bundle := b.bundle(t)
		if !oneTime {
			bundle.PrekeyID = 0
		}
		if err := Begin(a.store, a.peer, &bundle); err != nil {
			t.Fatal(err)
		}
		r := a.record(t)
		r.Current.PreviousCounter = 7
		a.setRecord(t, r)
		want, err := Export(a.store, a.peer)
		if err != nil {
			t.Fatal(err)
		}
		to := newOurs(t)
		if err := Import(to.store, to.peer, sessiontest.Parse(t, want).JSON(t)); err != nil {
			t.Fatal(err)
		}
		got := to.record(t)
		for _, s := range got.States() { // which JSON does not say
			s.Pending.Since = 0
		}
		r = a.record(t)
		for _, s := range r.States() {
			s.Pending.Since = 0
		}
		if !bytes.Equal(got.Encode(), r.Encode()) {
			t.Errorf("with a one-time prekey: %v, it is another record", oneTime)
		}
	}
}
