package stanza

import (
	"hash/maphash"
	"math/bits"

	"libcallkey/core/status"
)

// checkDevices rejects a missing JID, and a device that is there twice.
func checkDevices(tos []To) error {
	// An open hash table of places in tos, counted from 1, which is at most half full. Up to 128
	// devices it is on the stack.
	var few [256]uint16
	table := few[:]
	if 2*len(tos) > len(few) {
		table = make([]uint16, 1<<bits.Len(uint(2*len(tos))))
	}
	last := uint64(len(table) - 1)
	var user string // whose hash it is: devices of one user mostly follow each other
	var hash uint64
	for i := range tos {
		if tos[i].jid == (JID{}) {
			return status.New(status.Argument, "encs[%d]: jid is empty", i)
		}
		device := tos[i].jid.address()
		if device.user != user {
			user, hash = device.user, maphash.String(userSeed, device.user)
		}
		at := (hash + uint64(device.agent)<<8 + uint64(device.device)) & last
		for ; table[at] != 0; at = (at + 1) & last {
			if first := int(table[at]) - 1; tos[first].jid.address() == device {
				return status.New(status.Argument, "encs[%d] and encs[%d] are for the same device", first, i)
			}
		}
		table[at] = uint16(i + 1)
	}
	return nil
}

// userSeed is random: nobody can choose users that fall on one place of the table.
var userSeed = maphash.MakeSeed()
