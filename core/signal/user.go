package signal

import (
	"maps"
	"slices"

	"libcallkey/core/store"
)

// maxDevice is the largest number of a device in a JID.
const maxDevice = 255

// A user's devices are those that its names mean: name:0 to name:255, after aliases. With them
// go all other names of these devices, whoever's they are: a phone number that is an alias of a
// LID brings the LID's device, and the LID brings the number.

// household is all that the aliases of a store say about a user's devices.
type household struct {
	devices []Device // sorted, each once
	aliases []Device // the names that mean one of them and are aliases, sorted
	groups  []group  // that lead to one of them
}

func (h *household) equal(other *household) bool {
	return slices.Equal(h.devices, other.devices) && slices.Equal(h.aliases, other.aliases) && slices.Equal(h.groups, other.groups)
}

// namesOf lists the names that a user's devices may have.
func namesOf(user string) []Device {
	all := make([]Device, 0, maxDevice+1)
	for n := range uint32(maxDevice + 1) {
		all = append(all, Device(Address{user, n}.String()))
	}
	return all
}

// devicesOf returns the devices of a user, sorted, each once.
func devicesOf(tx *store.Tx, user string) ([]Device, error) {
	devices, err := resolveAll(tx, namesOf(user))
	if err != nil {
		return nil, err
	}
	slices.Sort(devices)
	return slices.Compact(devices), nil
}

// householdOf reads all aliases of the store.
func householdOf(tx *store.Tx, user string) (h household, err error) {
	if h.devices, err = devicesOf(tx, user); err != nil {
		return h, err
	}
	targets := map[string]string{}
	err = tx.Walk(store.Aliases, "", func(name string, target []byte) bool {
		targets[name] = string(target)
		return true
	})
	if err != nil {
		return h, err
	}
	// A row of version 0.2 does not tell its name, so the walk passed over it, and it may be
	// anywhere on the path of a name.
	for _, name := range namesOf(user) {
		_, err := follow(string(name), func(name string) (string, error) {
			target, err := tx.Alias(name)
			if target != "" {
				targets[name] = target
			}
			return target, err
		})
		if err != nil {
			return h, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(targets)) {
		// A path that is damaged, or that another thread changed while it was read, does not lead
		// to a device of ours: those are checked above, and at last under their locks.
		end, err := follow(name, func(name string) (string, error) { return targets[name], nil })
		if _, ours := slices.BinarySearch(h.devices, Device(end)); err != nil || !ours {
			continue
		}
		if isGroup(name) {
			h.groups = append(h.groups, group(name))
		} else {
			h.aliases = append(h.aliases, Device(name))
		}
	}
	return h, nil
}

// RemoveUser removes the sessions, identity keys, aliases and kept messages of all devices of a
// user, named as in an Address, in one commit. It writes nothing if there are none. The base keys
// of first messages stay, so that none of them opens again. Errors: STORE, STORE_CORRUPT,
// UNSUPPORTED, BUSY.
func RemoveUser(s *store.Store, user string) error {
	for {
		var h household
		err := s.Update(func(tx *store.Tx) (err error) {
			h, err = householdOf(tx, user)
			return err
		})
		if err != nil {
			return err
		}
		moved, err := removeHousehold(s, user, &h)
		if !moved {
			return err
		}
	}
}

// removeHousehold reports moved if an alias changed before the locks were taken.
func removeHousehold(s *store.Store, user string, h *household) (moved bool, err error) {
	locks := []string{keptLock}
	for _, d := range slices.Concat(h.devices, h.aliases) {
		locks = append(locks, d.lock())
	}
	held := s.Lock(locks...)
	defer held.Unlock()
	err = held.Update(func(tx *store.Tx) error {
		now, err := householdOf(tx, user)
		if err != nil {
			return err
		}
		if moved = !now.equal(h); moved {
			return nil
		}
		return h.remove(tx)
	})
	return moved, err
}

func (h *household) remove(tx *store.Tx) error {
	for _, table := range append([]store.Table{store.Identities, store.AliasGroups}, recordTables...) {
		for _, d := range h.devices {
			if err := remove(tx, table, d); err != nil {
				return err
			}
		}
	}
	for _, name := range h.aliases {
		tx.Delete(store.Aliases, string(name))
	}
	for _, g := range h.groups {
		tx.Delete(store.Aliases, string(g))
		tx.Delete(store.AliasGroups, string(g))
	}
	return removeKept(tx, h.devices)
}

// remove removes a device's record, and stages nothing if there is none: a commit waits for the
// disk. It does not open the record, so a damaged one can be removed.
func remove(tx *store.Tx, t store.Table, d Device) error {
	has, err := tx.Has(t, string(d))
	if has {
		tx.Delete(t, string(d))
	}
	return err
}

// removeKept drops the opened messages of devices.
func removeKept(tx *store.Tx, devices []Device) error {
	k, err := loadKept(tx)
	if err != nil {
		return err
	}
	defer k.wipe()
	left := slices.DeleteFunc(slices.Clone(k.list), func(m keptMessage) bool {
		_, gone := slices.BinarySearch(devices, m.device)
		return gone
	})
	if len(left) != len(k.list) {
		staying := keptMessages{list: left}
		staying.stage(tx)
	}
	return nil
}

// RemoveIdentity removes the identity key of a device: whoever contacts it next, or is contacted,
// is trusted. Its sessions stay, and neither seal nor open without the key. It need not be known.
// Errors: STORE, STORE_CORRUPT, UNSUPPORTED, BUSY.
func RemoveIdentity(s *store.Store, a Address) error {
	return Within(s, []Address{a}, nil, func(tx *store.Tx, devices []Device) error {
		return remove(tx, store.Identities, devices[0])
	})
}
