package offer

import (
	"slices"

	"libcallkey/core/callkey"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/store"
)

func userOf(j stanza.JID) string { return stanza.User(addressOf(j).Name) }

// oneUser reports whether all names are spelled as devices of one user.
func oneUser(names []stanza.JID) bool {
	return !slices.ContainsFunc(names, func(j stanza.JID) bool { return j != names[0] && userOf(j) != userOf(names[0]) })
}

// openDisputed opens a message if the stanza names different users as its sender, or
// (unconfirmed) one of its two words is not a device. If aliases link the names, they are
// one user after all. Otherwise it trusts only a known device, and no name gets a new identity or session
// (docs/protocol.md, "Which session"). It returns the index of the name with the session.
func (in *received) openDisputed(s *store.Store, out *[callkey.Bytes]byte, names []stanza.JID, unconfirmed bool) (sender int, err error) {
	k := kindred(names)
	err = in.within(s, out, k.all(), func(tx *store.Tx, devices []signal.Device) (plaintext []byte, err error) {
		if !unconfirmed && k.oneUser(devices) {
			sender = 0
			return in.message.Decrypt(tx, devices[0])
		}
		sender, plaintext, err = in.message.DecryptKnown(tx, devices[:len(names)])
		return plaintext, err
	})
	return sender, err
}

// kin are names and, for each, the devices of its user that may have an alias: apps
// alias devices, and servers often name a user without a device.
type kin struct {
	names []stanza.JID
	of    [][]stanza.JID // of[i] begins with names[i]
}

func kindred(names []stanza.JID) kin {
	k := kin{names, make([][]stanza.JID, len(names))}
	for i, name := range names {
		k.of[i] = append(k.of[i], name)
		for _, other := range names {
			k.of[i] = append(k.of[i], name.At(addressOf(other).Device))
		}
		k.of[i] = append(k.of[i], name.At(0))
	}
	return k
}

// all returns the names of the devices: those that were named, then those of their users' devices.
func (k kin) all() (all []signal.Device) {
	for _, name := range k.names {
		all = append(all, nameOf(name))
	}
	for _, devices := range k.of {
		for _, j := range devices {
			all = append(all, nameOf(j))
		}
	}
	return all
}

// oneUser reports whether aliases make all names one user. devices are those that the
// names of all mean. A user's first device with an alias represents the user.
func (k kin) oneUser(devices []signal.Device) bool {
	devices = devices[len(k.names):]
	users := make([]string, len(k.names))
	for i, of := range k.of {
		users[i] = userOf(k.names[i])
		for n, j := range of {
			if means := stanza.User(devices[n].Name()); means != userOf(j) {
				users[i] = means
				break
			}
		}
		devices = devices[len(of):]
	}
	return len(slices.Compact(users)) == 1
}
