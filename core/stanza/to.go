package stanza

import (
	"slices"

	"libcallkey/core/status"
)

// A To is the <to> of one device with its <enc>, checked. It has the ciphertext itself, not a
// copy.
type To struct {
	jid        JID // zero: no <to>, only the <enc>
	kind       EncType
	ciphertext []byte
}

// NewTo checks the <to> of one device. Without a JID there is only the <enc>, for an
// offer to one device. Errors: ARGUMENT.
func NewTo(e Enc) (To, error) {
	switch {
	case e.Type != EncMsg && e.Type != EncPkmsg:
		return To{}, status.New(status.Argument, "enc_type is neither msg nor pkmsg")
	case len(e.Ciphertext) == 0:
		return To{}, status.New(status.Argument, "ciphertext is empty")
	case len(e.Ciphertext) >= MaxBytes:
		return To{}, errTooLarge()
	}
	t := To{kind: e.Type, ciphertext: e.Ciphertext}
	if e.JID != "" {
		var err error
		if t.jid, err = ParseJID(e.JID); err != nil {
			return To{}, status.New(status.Argument, "jid: %v", err)
		}
	}
	return t, nil
}

// toHeader is a <to> up to its JID.
var toHeader = appendText(appendText(appendList(nil, 4), "to"), "jid") // tag, one attribute, content

func appendTo(dst []byte, t *To) []byte {
	dst = append(dst, toHeader...)
	dst = appendJID(dst, t.jid)
	dst = appendList(dst, 1)
	return appendEnc(dst, t)
}

func appendEnc(dst []byte, t *To) []byte {
	dst = append(dst, encHeaders[t.kind]...)
	return appendBinary(dst, t.ciphertext)
}

// encHeaders is an <enc> up to its ciphertext, for each type.
var encHeaders = [...][]byte{EncMsg: encHeader(EncMsg), EncPkmsg: encHeader(EncPkmsg)}

func encHeader(t EncType) []byte {
	header := appendList(nil, 8) // tag, three attributes, content
	for _, word := range []string{"enc", "v", encVersion, "type", t.String(), "count", "0"} {
		header = appendText(header, word)
	}
	return header
}

// keyNode returns the node that carries the call key (wacrg:CRY-01): a bare <enc>, or
// <destination> with one <to> per device, in the order given.
func keyNode(tos []To, multiDevice bool) (node, error) {
	switch {
	case len(tos) == 0:
		return node{}, status.New(status.NoDevices, "the offer has no <enc>")
	case len(tos) > MaxDevices:
		return node{}, status.New(status.Argument, "the offer has %d <enc>; the limit is %d", len(tos), MaxDevices)
	case len(tos) == 1 && !multiDevice:
		return writtenNode(appendEnc(nil, &tos[0])), nil
	}
	if err := checkDevices(tos); err != nil {
		return node{}, err
	}
	return node{tag: "destination", content: contentTos, tos: tos}, nil
}

// checkDevices rejects a missing JID, and a device that is there twice. Devices of one user mostly
// follow each other, so what is looked up is the user.
func checkDevices(tos []To) error {
	seen := make(map[address]*[256]bool) // of a user, by device
	var user address
	var devices *[256]bool
	for i := range tos {
		if tos[i].jid == (JID{}) {
			return status.New(status.Argument, "encs[%d]: jid is empty", i)
		}
		device := tos[i].jid.address()
		if of := (address{user: device.user, agent: device.agent}); devices == nil || of != user {
			if user, devices = of, seen[of]; devices == nil {
				devices = new([256]bool)
				seen[of] = devices
			}
		}
		if devices[device.device] {
			first := slices.IndexFunc(tos, func(t To) bool { return t.jid.address() == device })
			return status.New(status.Argument, "encs[%d] and encs[%d] are for the same device", first, i)
		}
		devices[device.device] = true
	}
	return nil
}
