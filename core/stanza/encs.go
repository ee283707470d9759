package stanza

import (
	"slices"

	"libcallkey/core/status"
)

// encs are the <enc> of a stanza that may be for this device.
type encs struct {
	own  [][]*node // in the <to> of each own JID, in the order of the JIDs
	bare []*node   // without an address
}

// ownEncs returns the <enc> under <destination> for each of the own devices. A <to>
// without a JID, or with an unknown kind of JID, belongs to another device.
func ownEncs(destination *node, own ownDevices) [][]*node {
	found := make([][]*node, len(own))
	for i := range destination.nodes {
		to := &destination.nodes[i]
		if to.tag != "to" {
			continue
		}
		if rank := rankOf(to, own); rank >= 0 {
			found[rank] = append(found[rank], to.children("enc")...)
		}
	}
	return found
}

// ownDevices are the own devices, each once: the few names of one.
type ownDevices []address

// rank returns which of them a device is, negative for none.
func (own ownDevices) rank(j JID) int { return slices.Index(own, j.address()) }

// rankOf returns which of the own devices a <to> is for, negative for none.
func rankOf(to *node, own ownDevices) int {
	a := to.find("jid")
	if a == nil {
		return -1
	}
	j, ok := parseUsual(string(a.text)) // no copy
	if !ok {
		var err error
		if j, err = ParseJID(a.shown()); err != nil {
			return -1
		}
	}
	return own.rank(j)
}

// lack reports a <to> that is for none of the own devices.
func (own ownDevices) lack(parent, n *node) bool {
	return parent.tag == "destination" && n.tag == "to" && rankOf(n, own) < 0
}

// one returns the <enc> to open, nil if there is none. That is the only readable one of
// the first own device that has one, else the only readable bare one. If none is
// readable, it is the first that would have been, for its error.
//
// Two readable ones for one device are MALFORMED, because choosing would be a guess. Two
// bare ones have lost their addresses, and may be for others.
func (e encs) one() (*node, error) {
	var unread *node
	for _, device := range e.own {
		switch enc, n := readable(device); {
		case n == 1:
			return enc, nil
		case n > 1:
			return nil, status.New(status.Malformed, "the stanza has %d <enc> for this device", n)
		case len(device) != 0 && unread == nil:
			unread = device[0]
		}
	}
	if enc, n := readable(e.bare); n == 1 {
		return enc, nil
	}
	if len(e.bare) == 1 && unread == nil {
		unread = e.bare[0]
	}
	return unread, nil
}

// readable returns the first with a version, type and ciphertext that we read, and how many there
// are. Other clients may send an <enc> of a newer kind beside the one for us.
func readable(all []*node) (first *node, n int) {
	for _, enc := range all {
		if _, err := readEnc(new(Info), enc); err == nil {
			if n++; n == 1 {
				first = enc
			}
		}
	}
	return first, n
}
