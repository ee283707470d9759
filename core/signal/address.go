package signal

import (
	"slices"
	"strconv"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Address names a device as Signal stores do: a user's name and a device number.
type Address struct {
	Name   string
	Device uint32
}

// String is the name of the device's records: "name:device".
func (a Address) String() string {
	return a.Name + ":" + strconv.FormatUint(uint64(a.Device), 10)
}

// Device is the name of the one device that an address means, after aliases.
type Device string

// resolve follows the aliases of an address. A name stands for a group of names (alias.go),
// the group for its device; in a store of version 0.2 a name stands for another name, and
// that one may stand for a third. Nothing that was ever written goes in a circle.
func resolve(tx *store.Tx, a Address) (Device, error) {
	name := a.String()
	mark, next := name, 1 // a step ago, two, four…
	for step := 1; ; step++ {
		target, err := tx.Alias(name)
		switch {
		case err != nil:
			return "", err
		case target == mark:
			return "", status.New(status.StoreCorrupt, "aliases of a device go in a circle")
		case target == "" && isGroup(name):
			return "", status.New(status.StoreCorrupt, "a group of aliases means no device")
		case target == "":
			return Device(name), nil
		}
		name = target
		if step == next {
			mark, next = target, 2*next
		}
	}
}

func resolveAll(tx *store.Tx, addresses []Address) ([]Device, error) {
	devices := make([]Device, len(addresses))
	for i, a := range addresses {
		var err error
		if devices[i], err = resolve(tx, a); err != nil {
			return nil, err
		}
	}
	return devices, nil
}

// lock is the name of the device's lock. Who changes what a name means holds the locks of the
// device that it meant and of the one that it will mean; so nobody else can while one of
// them is held.
func (d Device) lock() string { return "device " + string(d) }

// Within locks the devices that the addresses mean, and the given locks besides,
// and runs work in one transaction. Work may run more than once and must not have
// effects outside tx. devices[i] is what addresses[i] means; two may be the same.
func Within(s *store.Store, addresses []Address, locks []string, work func(tx *store.Tx, devices []Device) error) error {
	for {
		var devices []Device
		err := s.Update(func(tx *store.Tx) (err error) {
			devices, err = resolveAll(tx, addresses)
			return err
		})
		if err != nil {
			return err
		}
		moved, err := withinLocked(s, addresses, devices, locks, work)
		if !moved {
			return err
		}
	}
}

// withinLocked reports moved when an alias changed before the locks were taken.
func withinLocked(s *store.Store, addresses []Address, devices []Device, locks []string, work func(tx *store.Tx, devices []Device) error) (moved bool, err error) {
	names := slices.Clone(locks)
	for _, d := range devices {
		names = append(names, d.lock())
	}
	defer s.Lock(names...)()
	err = s.Update(func(tx *store.Tx) error {
		now, err := resolveAll(tx, addresses)
		if err != nil {
			return err
		}
		if moved = !slices.Equal(now, devices); moved {
			return nil
		}
		return work(tx, devices)
	})
	return moved, err
}
