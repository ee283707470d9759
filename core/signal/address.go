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

// resolve is the device that an address means. A name stands for a group of names (alias.go),
// the group for its device. In a store of version 0.2 a name stands for another name, and
// that one may stand for a third.
func resolve(tx *store.Tx, a Address) (Device, error) {
	at, err := follow(a.String(), tx.Alias)
	for gap := ""; err == nil && isGroup(at); {
		// The last name left the group after it was read, and the group is gone. Names of
		// groups never come back, so what still leads there is damage.
		if at == gap {
			return "", status.New(status.StoreCorrupt, "a group of aliases names no device")
		}
		gap = at
		at, err = follow(a.String(), func(name string) (string, error) {
			target, err := tx.Get(store.Aliases, name)
			return string(target), err
		})
	}
	return Device(at), err
}

// follow goes from a name to what stands for nothing else. Nothing that was ever written goes
// in a circle.
func follow(name string, alias func(name string) (string, error)) (string, error) {
	mark, next := name, 1 // where it was one step after the start, two, four…
	for step := 1; ; step++ {
		target, err := alias(name)
		switch {
		case err != nil:
			return "", err
		case target == "":
			return name, nil
		case target == mark:
			return "", status.New(status.StoreCorrupt, "the aliases of a device form a circle")
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
	held := s.Lock(names...)
	defer held.Unlock()
	err = held.Update(func(tx *store.Tx) error {
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
