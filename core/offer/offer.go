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

func address(jid string) (signal.Address, error) {
	j, err := stanza.ParseJID(jid)
	if err != nil {
		return signal.Address{}, status.New(status.Argument, "jid: %v", err)
	}
	return addressOf(j), nil
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
