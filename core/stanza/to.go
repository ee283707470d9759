package stanza

import (
	"libcallkey/core/status"
)

// A To is the <to> of one device with its <enc>, already written. Writing these is most
// of the work of an offer, and can be done for several devices at once.
type To struct {
	device address
	kind   EncType
	wire   []byte
	enc    int // where in wire the <enc> begins
}

// NewTo writes the <to> of one device. Without a JID only the <enc> is written, for an
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
	t := To{kind: e.Type, wire: make([]byte, 0, 64+len(e.Ciphertext))}
	if e.JID != "" {
		j, err := ParseJID(e.JID)
		if err != nil {
			return To{}, status.New(status.Argument, "jid: %v", err)
		}
		t.device = j.address()
		t.wire = appendList(t.wire, 4) // tag, one attribute, content
		t.wire = appendText(t.wire, "to")
		t.wire = appendJID(appendText(t.wire, "jid"), j)
		t.wire = appendList(t.wire, 1)
	}
	t.enc = len(t.wire)
	t.wire = append(t.wire, encHeaders[e.Type]...)
	t.wire = appendBinary(t.wire, e.Ciphertext)
	return t, nil
}

// encHeaders is an <enc> up to its ciphertext, for each type.
var encHeaders = [...][]byte{EncMsg: encHeader(EncMsg), EncPkmsg: encHeader(EncPkmsg)}

func encHeader(t EncType) []byte {
	empty := element("enc", "v", encVersion, "type", t.String(), "count", "0").withData(nil)
	header := appendNode(nil, &empty)
	return header[:len(header)-len(appendBinary(nil, nil))]
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
		return writtenNode(tos[0].wire[tos[0].enc:]), nil
	}
	seen := make(map[address]int, len(tos))
	for i, t := range tos {
		if t.enc == 0 {
			return node{}, status.New(status.Argument, "encs[%d]: jid is empty", i)
		}
		if first, ok := seen[t.device]; ok {
			return node{}, status.New(status.Argument, "encs[%d] and encs[%d] are for the same device", first, i)
		}
		seen[t.device] = i
	}
	return node{tag: "destination", content: contentTos, tos: tos}, nil
}
