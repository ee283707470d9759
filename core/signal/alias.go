package signal

import (
	"crypto/rand"
	"encoding/hex"
	"libcallkey/core/protobuf"
	"strings"

	"libcallkey/core/session"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// An alias is a name of a device. It points to a group: the names of one device. They stay
// together when that device becomes an alias itself. Then its group joins the other
// device's, below it or above, the lower tree below. So one write moves all names of a
// group, and the path from a name to its device is never longer than the logarithm of their
// number, in any order of aliases.
//
// In store.Aliases:
//
//	name  -> group, or, as version 0.2 wrote it, another name
//	group -> device, or the group that it joined
//
// In store.AliasGroups:
//
//	device -> its group, if any name stands for it
//	group  -> its members and height
//
// A name that version 0.2 wrote is in no group: it follows the name that it points to until
// it is set again.

// group is the name of a group. Unlike a device's it has no colon.
type group string

const (
	groupPrefix = "group "
	groupBytes  = 16

	groupMembers = 1
	groupHeight  = 2
)

func newGroup() group {
	var id [groupBytes]byte
	rand.Read(id[:])
	return group(groupPrefix + hex.EncodeToString(id[:]))
}

func isGroup(name string) bool { return strings.HasPrefix(name, groupPrefix) }

// members counts the names and groups that point to a group. height is the number of groups
// on the longest path down from it.
type members struct{ count, height uint32 }

// Alias makes the name alias mean the device of a.
//
// An alias of another device now means the new one: nothing else changes. A name that was a
// device of its own brings along its records: its identity key, if the other device has none;
// its sessions, after the other device's; its opened messages that are not done; and its
// aliases.
//
// If the name means the device already, or is a itself in another spelling, nothing happens.
// Errors: CONFLICT (a means alias: a circle), UNTRUSTED_IDENTITY (alias was a device of its
// own, and the two have different identity keys), STORE, STORE_CORRUPT.
func Alias(s *store.Store, alias, a Address) error {
	return Within(s, []Address{alias, a}, []string{keptLock}, func(tx *store.Tx, devices []Device) error {
		name, from, to := Device(alias.String()), devices[0], devices[1]
		switch {
		case alias == a:
			return nil
		case name == to:
			return status.New(status.Conflict, "jid is an alias of alias_jid")
		case name == from:
			return becomeAlias(tx, name, to)
		}
		target, err := tx.Get(store.Aliases, string(name))
		if err != nil || from == to && isGroup(string(target)) {
			return err
		}
		if err := leaveGroup(tx, name); err != nil {
			return err
		}
		return joinGroupOf(tx, name, to)
	})
}

// Unalias makes the name a device of its own, with no records. All records stay with the
// device that it meant, and so do other names. A name that is not an alias is a device
// already. Errors: STORE, STORE_CORRUPT.
func Unalias(s *store.Store, alias Address) error {
	name := Device(alias.String())
	return Within(s, []Address{alias}, []string{name.lock()}, func(tx *store.Tx, devices []Device) error {
		if name == devices[0] {
			return nil
		}
		return leaveGroup(tx, name)
	})
}

// becomeAlias makes a device an alias of another one.
func becomeAlias(tx *store.Tx, from, to Device) error {
	if err := moveIdentity(tx, from, to); err != nil {
		return err
	}
	if err := moveSessions(tx, from, to); err != nil {
		return err
	}
	if err := moveKept(tx, from, to); err != nil {
		return err
	}
	if err := moveGroup(tx, from, to); err != nil {
		return err
	}
	return joinGroupOf(tx, from, to)
}

func moveIdentity(tx *store.Tx, from, to Device) error {
	trusted, err := loadIdentity(tx, from)
	if err != nil || trusted == nil {
		return err
	}
	if err := trust(tx, to, (*[32]byte)(trusted)); err != nil {
		return err
	}
	tx.Delete(store.Identities, string(from))
	return nil
}

func moveSessions(tx *store.Tx, from, to Device) error {
	row, err := readRows(tx, from)
	if err != nil || row.Session == nil {
		return err
	}
	defer row.Wipe()
	err = changeRecord(tx, to, func(r *session.Record) error {
		moved := new(session.Record)
		err := decodeRows(moved, &row)
		if err == nil {
			err = addArchive(tx, from, moved)
		}
		if err != nil {
			moved.Wipe()
			return err
		}
		r.Merge(moved)
		return nil
	})
	if err != nil {
		return err
	}
	return removeSessions(tx, from)
}

// moveGroup makes the names of a device mean another one.
func moveGroup(tx *store.Tx, from, to Device) error {
	moved, err := groupOf(tx, from)
	if err != nil || moved == "" {
		return err
	}
	there, err := groupOf(tx, to)
	if err != nil {
		return err
	}
	tx.Delete(store.AliasGroups, string(from))
	if there == "" {
		moved.point(tx, to)
		return nil
	}
	below, err := moved.load(tx)
	if err != nil {
		return err
	}
	above, err := there.load(tx)
	if err != nil {
		return err
	}
	if below.height > above.height {
		moved, there, below, above = there, moved, above, below
		there.point(tx, to)
	}
	tx.Put(store.Aliases, string(moved), []byte(there))
	above.count++
	above.height = max(above.height, below.height+1)
	there.stage(tx, above)
	return nil
}

// joinGroupOf makes a name mean a device.
func joinGroupOf(tx *store.Tx, name, d Device) error {
	g, err := groupOf(tx, d)
	if err != nil {
		return err
	}
	if g == "" {
		g = newGroup()
		g.point(tx, d)
	}
	m, err := g.load(tx)
	if err != nil {
		return err
	}
	m.count++
	g.stage(tx, m)
	tx.Put(store.Aliases, string(name), []byte(g))
	return nil
}

// leaveGroup removes a name from its group, and deletes groups without names.
func leaveGroup(tx *store.Tx, name Device) error {
	for at := string(name); ; {
		target, err := tx.Get(store.Aliases, at)
		if err != nil {
			return err
		}
		tx.Delete(store.Aliases, at)
		if !isGroup(string(target)) {
			if isGroup(at) {
				tx.Delete(store.AliasGroups, string(target))
			}
			return nil
		}
		g := group(target)
		m, err := g.load(tx)
		if err != nil {
			return err
		}
		if m.count > 1 {
			m.count--
			g.stage(tx, m)
			return nil
		}
		tx.Delete(store.AliasGroups, string(g))
		at = string(g)
	}
}

// groupOf returns a device's group, "" if it has no aliases.
func groupOf(tx *store.Tx, d Device) (group, error) {
	row, err := tx.Get(store.AliasGroups, string(d))
	return group(row), err
}

// point makes a group mean a device.
func (g group) point(tx *store.Tx, d Device) {
	tx.Put(store.Aliases, string(g), []byte(d))
	tx.Put(store.AliasGroups, string(d), []byte(g))
}

// load reads a group's members. A new one has none.
func (g group) load(tx *store.Tx) (m members, err error) {
	row, err := tx.Get(store.AliasGroups, string(g))
	if err != nil {
		return m, err
	}
	err = protobuf.Fields(row, func(f protobuf.Field) (err error) {
		switch f.Number {
		case groupMembers:
			err = f.Uint32(&m.count)
		case groupHeight:
			err = f.Uint32(&m.height)
		default:
			err = protobuf.Unknown("group of aliases")
		}
		return err
	})
	if err != nil {
		return m, storedError("groups of aliases", err)
	}
	return m, nil
}

func (g group) stage(tx *store.Tx, m members) {
	var e protobuf.Encoder
	e.Number(groupMembers, uint64(m.count))
	e.Number(groupHeight, uint64(m.height))
	tx.Put(store.AliasGroups, string(g), e.B)
}
