package signal

import (
	"path/filepath"
	"slices"
	"testing"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

// If this failed, a call that lost a race with another process, which made the name an alias
// meanwhile, would change the other device without its lock, or the old one, which is gone.
func TestNameBecomesAnAliasInAnotherProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	open := func() *store.Store {
		s, err := OpenStore(path, nil, store.Options{Plaintext: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	s, other := open(), open()
	name, device := numbered(1), numbered(2)
	var runs []Device
	err := Within(s, []Address{name}, nil, func(tx *store.Tx, devices []Device) error {
		if runs = append(runs, devices[0]); len(runs) == 1 {
			tied(t, other, name, device)
		}
		tx.Put(store.Identities, string(devices[0]), make([]byte, 32))
		return nil
	})
	if want := []Device{Device(name.String()), Device(device.String())}; err != nil || !slices.Equal(runs, want) {
		t.Errorf("it ran for %q, want %q: %v", runs, want, err)
	}
	for a, want := range map[Device]bool{Device(name.String()): false, Device(device.String()): true} {
		s.Update(func(tx *store.Tx) error {
			if has, err := tx.Has(store.Identities, string(a)); has != want || err != nil {
				t.Errorf("%s has a row: %v, %v", a, has, err)
			}
			return nil
		})
	}
}

// If this failed, a device that is named twice would get two messages, or two threads would use its
// session at once.
func TestDuplicates(t *testing.T) {
	for n := range 3 * store.Batch {
		devices, want := make([]Device, n), make([]status.Code, n)
		for i := range devices {
			devices[i] = Device(numbered(i % 5).String())
			if i >= 5 {
				want[i] = status.Duplicate
			}
		}
		codes := make([]status.Code, n)
		if markDuplicates(devices, codes); !slices.Equal(codes, want) {
			t.Errorf("%d devices: %v", n, codes)
		}
	}
}

// If this failed, the calls of several threads would wait for each other's fan-outs.
func TestFewDevicesStayOnOneThread(t *testing.T) {
	s, err := OpenStore("", nil, store.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	devices := make([]Device, alone)
	for i := range devices {
		devices[i] = Device(numbered(i).String())
	}
	var order []int
	err = s.Update(func(tx *store.Tx) error {
		_, err := Each(tx, devices, nil, func(_ *store.Tx, i int) error {
			order = append(order, i) // a race on more than one thread
			return nil
		})
		return err
	})
	if err != nil || len(order) != alone || !slices.IsSorted(order) {
		t.Errorf("%v, in the order %v", err, order)
	}
}
