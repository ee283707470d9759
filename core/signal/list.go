package signal

import (
	"slices"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Next returns the device behind after in a list of all, "" for the first: with a session
// (store.Sessions), with a known identity key (store.Identities), or a name that is an alias
// (store.Aliases). The order is fixed but means nothing; after need not be in the list any more.
// A name that known rejects is passed over, and so is a row that version 0.2 sealed: it does not
// tell its name until it is written again. Errors: NOT_FOUND (the list ends), STORE,
// STORE_CORRUPT, UNSUPPORTED, BUSY.
func Next(s *store.Store, t store.Table, after Device, known func(Device) bool) (next Device, err error) {
	err = s.Walk(t, string(after), func(name string, _ []byte) bool {
		if !isGroup(name) && known(Device(name)) {
			next = Device(name)
		}
		return next == ""
	})
	return found(next, err)
}

// NextOfUser is Next in the list of what RemoveUser would remove. That includes rows of
// version 0.2, except aliases that are names of other users.
func NextOfUser(s *store.Store, t store.Table, user string, after Device, known func(Device) bool) (next Device, err error) {
	err = s.Update(func(tx *store.Tx) error {
		next = ""
		names, err := listOf(tx, t, user)
		if err != nil {
			return err
		}
		at, listed := slices.BinarySearch(names, after)
		if listed {
			at++
		}
		names = slices.DeleteFunc(names[at:], func(d Device) bool { return !known(d) })
		if t != store.Aliases { // those are rows already
			names, err = firstWith(tx, t, names)
		}
		if len(names) > 0 {
			next = names[0]
		}
		return err
	})
	return found(next, err)
}

func found(next Device, err error) (Device, error) {
	if err == nil && next == "" {
		err = status.New(status.NotFound, "the list ends here")
	}
	if err != nil {
		return "", err
	}
	return next, nil
}

// listOf returns the aliases of a user's devices, or for another table the devices, sorted.
func listOf(tx *store.Tx, t store.Table, user string) ([]Device, error) {
	if t != store.Aliases {
		return devicesOf(tx, user)
	}
	h, err := householdOf(tx, user)
	return h.aliases, err
}

// firstWith returns the rest of devices from the first with a record on.
func firstWith(tx *store.Tx, t store.Table, devices []Device) ([]Device, error) {
	for i, d := range devices {
		if i%store.Batch == 0 {
			var names []string
			for _, d := range devices[i:min(i+store.Batch, len(devices))] {
				names = append(names, string(d))
			}
			if err := tx.Fetch(t, names); err != nil {
				return nil, err
			}
		}
		if has, err := tx.Has(t, string(d)); has || err != nil {
			return devices[i:], err
		}
	}
	return nil, nil
}
