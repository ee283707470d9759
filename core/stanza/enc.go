package stanza

import (
	"libcallkey/core/status"
)

// An EncType says which Signal message an <enc> holds.
type EncType uint32

const (
	EncNone  EncType = 0 // no ciphertext
	EncMsg   EncType = 1 // SignalMessage, on a session that the peer acknowledged
	EncPkmsg EncType = 2 // PreKeySignalMessage, while the session is new
)

// String is the type attribute: "msg", "pkmsg", or "none".
func (t EncType) String() string {
	switch t {
	case EncMsg:
		return "msg"
	case EncPkmsg:
		return "pkmsg"
	}
	return "none"
}

// An Enc is the call key encrypted for one device.
type Enc struct {
	JID        string  // the device; may be empty where the <enc> goes out bare
	Type       EncType // EncMsg or EncPkmsg
	Ciphertext []byte  // the Signal message; at least 1 byte
}

// The version that is written: its plaintext is padded. Version 3 is read too.
const encVersion = "2"

// keyNode is the node that carries the call key (wacrg:CRY-01): a bare <enc>,
// or <destination> with one <to> per device, in the order given.
func keyNode(encs []Enc, multiDevice bool) (node, error) {
	switch {
	case len(encs) == 0:
		return node{}, status.New(status.NoDevices, "the offer has no enc")
	case len(encs) > MaxDevices:
		return node{}, status.New(status.Argument, "the offer has %d encs; the limit is %d", len(encs), MaxDevices)
	}
	bare := len(encs) == 1 && !multiDevice
	seen := make(map[address]int, len(encs))
	to := make([]node, 0, len(encs))
	msg, pkmsg := encNode(EncMsg), encNode(EncPkmsg)
	for i, e := range encs {
		switch {
		case e.Type != EncMsg && e.Type != EncPkmsg:
			return node{}, status.New(status.Argument, "enc %d: the type is neither msg nor pkmsg", i)
		case len(e.Ciphertext) == 0:
			return node{}, status.New(status.Argument, "enc %d: the ciphertext is empty", i)
		}
		enc := msg
		if e.Type == EncPkmsg {
			enc = pkmsg
		}
		enc = enc.withData(e.Ciphertext)
		if bare && e.JID == "" {
			return enc, nil
		}
		j, err := ParseJID(e.JID)
		if err != nil {
			return node{}, status.New(status.Argument, "enc %d: %s", i, err.Error())
		}
		device := j.address()
		if first, ok := seen[device]; ok {
			return node{}, status.New(status.Argument, "encs %d and %d are for the same device", first, i)
		}
		seen[device] = i
		if bare {
			return enc, nil
		}
		to = append(to, element("to").withJID("jid", j).withNodes(enc))
	}
	return element("destination").withNodes(to...), nil
}

// encNode is an <enc> still without its ciphertext.
func encNode(t EncType) node {
	return element("enc", "v", encVersion, "type", t.String(), "count", "0")
}

// readEnc is the content of an <enc>.
//
// A version other than 2 and 3 and a type other than msg and pkmsg are
// UNSUPPORTED, not MALFORMED: the field has more of them (skmsg for groups) and
// adds new ones, so to the app they are "too new", not "damaged". An <enc>
// without a version, type or ciphertext is MALFORMED.
func readEnc(info *Info, enc *node) ([]byte, error) {
	switch enc.attr("v") {
	case "2":
		info.EncVersion = 2
	case "3":
		info.EncVersion = 3
	case "":
		return nil, status.New(status.Malformed, "<enc> has no version")
	default:
		return nil, status.New(status.Unsupported, "<enc> has an unknown version")
	}
	switch enc.attr("type") {
	case "msg":
		info.EncType = EncMsg
	case "pkmsg":
		info.EncType = EncPkmsg
	case "":
		return nil, status.New(status.Malformed, "<enc> has no type")
	default:
		return nil, status.New(status.Unsupported, "<enc> has an unknown type")
	}
	if enc.content != contentData || len(enc.data) == 0 {
		return nil, status.New(status.Malformed, "<enc> has no ciphertext")
	}
	return enc.data, nil
}
