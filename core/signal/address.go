package signal

import (
	"slices"
	"strconv"
	"strings"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Address names a device like other Signal stores: a user's name and a device number.
type Address struct {
	Name   string
	Device uint32
}

// String returns the name of the device's records: "name:device".
func (a Address) String() string {
	var room [64]byte // enough for most
	return string(AppendDevice(append(room[:0], a.Name...), a.Device))
}

// AppendDevice makes the name of a device's records of an Address's Name, like String.
func AppendDevice(name []byte, device uint32) []byte {
	return strconv.AppendUint(append(name, ':'), uint64(device), 10)
}

// Device is the name of the one device that an address means, after aliases.
type Device string

// Address returns the address that the name is of; ok is false if it is of none.
func (d Device) Address() (a Address, ok bool) {
	name, number, _ := strings.Cut(string(d), ":")
	n, err := strconv.ParseUint(number, 10, 32)
	inOneForm := len(number) == 1 || err == nil && number[0] != '0'
	return Address{name, uint32(n)}, err == nil && inOneForm
}

// resolve returns the device that the name of an address means. An alias points to a group of names (alias.go),
// and the group to its device. In a store of version 0.2 an alias points to another name,
// which may point to a third.
func resolve(tx *store.Tx, name Device) (Device, error) {
	at, err := follow(string(name), tx.Alias)
	for gap := ""; err == nil && isGroup(at); {
		// The last name left the group after it was read, and the group is gone. Names of
		// groups are never reused, so a name that still leads there is damage.
		if at == gap {
			return "", status.New(status.StoreCorrupt, "a group of aliases names no device")
		}
		gap = at
		at, err = follow(string(name), func(name string) (string, error) {
			target, err := tx.Get(store.Aliases, name)
			return string(target), err
		})
	}
	return Device(at), err
}

// follow follows a name to the end of its aliases. No circle was ever written.
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

func resolveAll(tx *store.Tx, names []Device) ([]Device, error) {
	devices := make([]Device, len(names))
	for i, name := range names {
		var err error
		if devices[i], err = resolve(tx, name); err != nil {
			return nil, err
		}
	}
	return devices, nil
}

// lock returns the name of the device's lock: the device's own, because no other lock has a colon in
// its name. A call that changes the meaning of a name holds the locks of the old and of the new
// device; so no other call can change it while one of them is held.
func (d Device) lock() string { return string(d) }

// Within is WithinNamed for the names of addresses.
func Within(s *store.Store, addresses []Address, locks []string, work func(tx *store.Tx, devices []Device) error) error {
	names := make([]Device, len(addresses))
	for i, a := range addresses {
		names[i] = Device(a.String())
	}
	return WithinNamed(s, names, locks, work)
}

// WithinNamed takes the locks of the devices that names mean and the given locks, and runs work
// in one transaction. Work may run more than once and must not have effects outside tx.
// devices[i] is the device of names[i]; two may be the same. The names may be parts of one long
// string: a store copies what it keeps.
func WithinNamed(s *store.Store, names []Device, locks []string, work func(tx *store.Tx, devices []Device) error) error {
	// Most names are no aliases. So they are the first guess: it is checked under their locks, and
	// costs no transaction before.
	devices := names
	for {
		moved, err := withinLocked(s, names, devices, locks, work)
		if moved == nil {
			return err
		}
		devices = moved
	}
}

// withinLocked returns what the names mean if that is not the devices that it took the locks of;
// then it did nothing else.
func withinLocked(s *store.Store, names, devices []Device, locks []string, work func(tx *store.Tx, devices []Device) error) (moved []Device, err error) {
	var few [4]string
	taken := append(slices.Grow(few[:0], len(locks)+len(devices)), locks...)
	for _, d := range devices {
		taken = append(taken, d.lock())
	}
	held := s.Lock(taken...)
	defer held.Unlock()
	err = held.Update(func(tx *store.Tx) (err error) {
		moved = nil // of a run that lost a race with another process
		none := store.NoAliases(tx, names)
		for i, now := range names {
			if !none {
				if now, err = resolve(tx, now); err != nil {
					return err
				}
			}
			if now != devices[i] {
				moved, err = resolveAll(tx, names)
				return err
			}
		}
		return work(tx, devices)
	})
	if err != nil {
		return nil, err
	}
	return moved, nil
}
