// Package offer seals a call key for every device of the callee, builds the offer, and
// opens the key on each device (wacrg:CRY-01, wacrg:SIG-01).
//
// It ties the packages together: envelope makes the plaintext, signal seals it in the
// device's session, stanza writes the node, store commits all advanced sessions at
// once. No ciphertext and no key is returned before that commit.
package offer

import (
	"libcallkey/core/envelope"
	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
)

// sealedBody is the largest encrypted body of a call key in bytes: the padded plaintext
// in whole cipher blocks with at least one byte of padding. The plaintext's padding is
// random, so a ciphertext can be this much minus its own body longer next time.
const sealedBody = (envelope.MaxBytes/16 + 1) * 16

// nameBytes is enough for most names of devices; a longer one takes memory of its own.
const nameBytes = 64

// named returns the name of the device of a JID.
func named(jid string) (signal.Device, error) {
	var room [nameBytes]byte
	name, err := appendNamed(room[:0], jid)
	return signal.Device(name), err
}

// appendNamed appends the name of the device of a JID.
func appendNamed(b []byte, jid string) ([]byte, error) {
	j, err := stanza.ParseJID(jid)
	if err != nil {
		return b, status.New(status.Argument, "jid: %v", err)
	}
	return appendName(b, j), nil
}

func appendName(b []byte, j stanza.JID) []byte { return signal.AppendDevice(j.AppendAddress(b)) }

func nameOf(j stanza.JID) signal.Device {
	var room [nameBytes]byte
	return signal.Device(appendName(room[:0], j))
}

func addressOf(j stanza.JID) signal.Address {
	name, device := j.Address()
	return signal.Address{Name: name, Device: device}
}

func encType(c session.Ciphertext) stanza.EncType {
	if c.Prekey {
		return stanza.EncPkmsg
	}
	return stanza.EncMsg
}
