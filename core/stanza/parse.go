package stanza

import (
	"bytes"
	"strconv"

	"libcallkey/core/status"
)

// Info is what a stanza says around its ciphertext. Texts are empty and numbers
// 0 where it does not say: a root of <destination> or <enc> has no call.
type Info struct {
	Keygen        uint32 // of <encopt>; 2 in the field
	EncVersion    uint32 // 2 (padded plaintext) or 3 (not padded)
	TransactionID uint32 // of <enc_rekey>, not 0

	EncType EncType
	Video   bool // an offer or accept with video
	Group   bool // a group call
	Accept  bool // the key came in an <accept>: it is the answering side's

	CallID      string
	CallCreator string // as the JID type spells it
	// Sender is whose Signal session opens the ciphertext. In an offer that is
	// the call creator. An accept or enc_rekey is not written by the call creator
	// in general, so there the device of the enclosing <call> comes first:
	// participant (it names the device where from is a group), then from. Each
	// falls back to the other.
	Sender string
}

// ParseOffer picks the ciphertext for the device whose JIDs are own (its LID
// and phone-number names, with device) out of <call>, <offer>, <accept>,
// <enc_rekey>, <destination> or <enc> (wacrg:SIG-01).
//
// The <to> of the first own JID that has one is taken, all spellings of a
// device being equal; else a sole bare <enc>. The ciphertext is a copy.
//
// Errors: ARGUMENT for a bad own JID; MALFORMED; UNSUPPORTED for another enc
// version or type, a keygen other than 2 in an <enc_rekey> and an unknown flag
// of the stanza; NOT_FOR_THIS_DEVICE, with Info filled as far as it goes.
func ParseOffer(wire []byte, own []string) (Info, []byte, error) {
	wanted := make(map[address]int, len(own))
	for i, s := range own {
		j, err := ParseJID(s)
		if err != nil {
			return Info{}, nil, status.New(status.Argument, "own jid %d: %s", i, err.Error())
		}
		device := j.address()
		if _, ok := wanted[device]; !ok {
			wanted[device] = len(wanted)
		}
	}
	root, err := decode(wire)
	if err != nil {
		return Info{}, nil, err
	}
	return pick(root, wanted)
}

func pick(root *node, own map[address]int) (Info, []byte, error) {
	info, enc, err := readRoot(root, own)
	if err != nil {
		return Info{}, nil, err
	}
	if enc == nil {
		return info, nil, status.New(status.NotForThisDevice, "the stanza holds no enc for any of the %d own devices", len(own))
	}
	ciphertext, err := readEnc(&info, enc)
	if err != nil {
		return Info{}, nil, err
	}
	return info, bytes.Clone(ciphertext), nil
}

func readRoot(root *node, own map[address]int) (Info, *node, error) {
	switch root.tag {
	case "enc":
		return Info{}, root, nil
	case "destination":
		enc, err := ownEnc(root, own)
		return Info{}, enc, err
	case "offer", "accept", "enc_rekey":
		return readAction(root, nil, own)
	case "call":
		var action *node
		for i := range root.nodes {
			switch n := &root.nodes[i]; n.tag {
			case "offer", "accept", "enc_rekey":
				if action != nil {
					return Info{}, nil, status.New(status.Malformed, "<call> holds more than one offer, accept or enc_rekey")
				}
				action = n
			}
		}
		if action != nil {
			return readAction(action, root, own)
		}
		return Info{}, nil, status.New(status.Malformed, "<call> holds no offer, accept or enc_rekey")
	}
	return Info{}, nil, status.New(status.Malformed, "the stanza is none that carries a call key")
}

// readAction reads an <offer>, <accept> or <enc_rekey>; call is what encloses
// it, nil if it is the root.
func readAction(n, call *node, own map[address]int) (Info, *node, error) {
	var info Info
	if err := readCall(&info, n, call); err != nil {
		return Info{}, nil, err
	}
	if err := readKeygen(&info, n); err != nil {
		return Info{}, nil, err
	}
	info.Accept = n.tag == "accept"
	info.Video = len(n.children("video")) != 0
	info.Group = n.tag == "enc_rekey" || n.has("group-jid") || len(n.children("group_info")) != 0

	destination, err := n.child("destination")
	if err != nil {
		return Info{}, nil, err
	}
	if destination != nil {
		if enc, err := ownEnc(destination, own); enc != nil || err != nil {
			return info, enc, err
		}
	}
	if bare := n.children("enc"); len(bare) == 1 {
		return info, bare[0], nil
	}
	return info, nil, nil
}

// readCall reads which call it is and who sent it.
func readCall(info *Info, n, call *node) error {
	info.CallID = n.attr("call-id")
	if err := checkText(status.Malformed, "call-id", info.CallID); err != nil {
		return err
	}
	if creator := n.attr("call-creator"); creator != "" {
		j, err := ParseJID(creator)
		if err != nil {
			return status.New(status.Malformed, "call-creator is not the jid of a device")
		}
		info.CallCreator = j.String()
	}
	info.Sender = info.CallCreator
	if call == nil || n.tag == "offer" && info.Sender != "" {
		return nil
	}
	for _, name := range []string{"participant", "from"} {
		if j, err := ParseJID(call.attr(name)); err == nil {
			info.Sender = j.String()
			break
		}
	}
	return nil
}

// readKeygen reads <encopt> and, of an <enc_rekey>, the transaction id. Only an
// <enc_rekey> depends on keygen 2: without <encopt> it is of an older keygen.
func readKeygen(info *Info, n *node) error {
	encopt, err := n.child("encopt")
	if err != nil {
		return err
	}
	if encopt != nil {
		if info.Keygen, err = readNumber(encopt, "keygen"); err != nil {
			return err
		}
	}
	if n.tag != "enc_rekey" {
		return nil
	}
	if info.Keygen != 2 {
		return status.New(status.Unsupported, "<enc_rekey> is not of keygen 2")
	}
	if info.TransactionID, err = readNumber(n, "transaction-id"); err != nil {
		return err
	}
	if info.TransactionID == 0 {
		return status.New(status.Malformed, "<enc_rekey> has transaction-id 0")
	}
	return nil
}

func readNumber(n *node, name string) (uint32, error) {
	v, err := strconv.ParseUint(n.attr(name), 10, 32)
	if err != nil {
		return 0, status.New(status.Malformed, "<%s> has no number as %s", n.tag, name)
	}
	return uint32(v), nil
}

// ownEnc is the <enc> of the <to> for one of the own JIDs, nil if there is none.
// A <to> for a kind of JID unknown here is someone else's.
func ownEnc(destination *node, own map[address]int) (*node, error) {
	seen := make(map[address]bool)
	best := len(own)
	var found *node
	for _, to := range destination.children("to") {
		if !to.has("jid") {
			return nil, status.New(status.Malformed, "<to> has no jid")
		}
		j, err := ParseJID(to.attr("jid"))
		if err != nil {
			continue
		}
		device := j.address()
		if seen[device] {
			return nil, status.New(status.Malformed, "<destination> holds two <to> for one device")
		}
		seen[device] = true
		if rank, ok := own[device]; ok && rank < best {
			enc, err := to.child("enc")
			if err != nil {
				return nil, err
			}
			if enc != nil {
				best, found = rank, enc
			}
		}
	}
	return found, nil
}
