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

// maxAliasSteps bounds how many aliases are followed. Alias itself makes none
// longer than one; a session moved twice makes two.
const maxAliasSteps = 8

func resolve(tx *store.Tx, a Address) (Device, error) {
	name := a.String()
	for range maxAliasSteps {
		target, err := tx.Alias(name)
		if err != nil {
			return "", err
		}
		if target == "" {
			return Device(name), nil
		}
		name = target
	}
	return "", status.New(status.StoreCorrupt, "aliases of a device go in a circle")
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
		names = append(names, "device "+string(d))
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
