package stanza

import (
	"bytes"
	"strconv"

	"libcallkey/core/status"
)

// A Kind is the kind of a stanza.
type Kind uint32

const (
	KindNone   Kind = 0 // a bare <enc> or <destination>
	KindOffer  Kind = 1
	KindAccept Kind = 2
	KindRekey  Kind = 3 // an <enc_rekey>
	KindOther  Kind = 4 // another call stanza: <terminate>, <offer_notice> and so on
)

// keyKinds are the stanzas that may carry a call key or an epoch.
var keyKinds = map[string]Kind{"offer": KindOffer, "accept": KindAccept, "enc_rekey": KindRekey}

// Info is the content of a stanza around its ciphertext. Missing texts are empty and
// missing numbers 0: a root of <destination> or <enc> has no call.
type Info struct {
	Kind          Kind
	Keygen        uint32 // of <encopt>; 2 in practice
	EncVersion    uint32 // 2 (padded plaintext) or 3 (not padded)
	TransactionID uint32 // of <enc_rekey>, not 0

	EncType EncType
	Video   bool // an offer or accept with video
	Group   bool // a group call
	Accept  bool // the key came in an <accept>: it is the answering side's

	CallID      string
	CallCreator string // as the JID type spells it
	// From and Participant are of the enclosing <call>: the sender by the server's
	// word. A device's JID is as the JID type spells it; a group's, or any other text,
	// is unchanged.
	From, Participant string
	// Sender is the first of Senders: the device with the Signal session for the
	// ciphertext.
	Sender string
}

// ParseOffer returns the ciphertext for this device, with the JIDs own (LID and phone
// number, with device), from <call>, <offer>, <accept>, <enc_rekey>, <destination> or
// <enc> (wacrg:SIG-01, wacrg:SIG-03, wacrg:SIG-06).
//
// It reads the <to> of the first own JID that has one, with all spellings of a device
// equal; else a lone bare <enc>. The ciphertext is a copy.
//
// Info is filled whenever the stanza parsed, whatever the error; otherwise it is zero.
//
// Errors: ARGUMENT for a bad own JID; MALFORMED, and UNSUPPORTED for an unknown flag
// of the stanza, with a zero Info; with a filled one UNSUPPORTED for another enc
// version or type and for a keygen other than 2 in an <enc_rekey>, and
// NOT_FOR_THIS_DEVICE, also for a call stanza of another kind.
func ParseOffer(wire []byte, own []string) (Info, []byte, error) {
	wanted := make(map[address]int, len(own))
	for i, s := range own {
		j, err := ParseJID(s)
		if err != nil {
			return Info{}, nil, status.New(status.Argument, "own_jids[%d]: %s", i, err.Error())
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
	info, enc, err := readRoot(root, wanted)
	if err != nil {
		return info, nil, err
	}
	return take(info, enc)
}

// take returns the ciphertext of an <enc>, which may be nil.
func take(info Info, enc *node) (Info, []byte, error) {
	if enc == nil {
		return info, nil, status.New(status.NotForThisDevice, "the stanza has no <enc> for any of the own JIDs")
	}
	ciphertext, err := readEnc(&info, enc)
	switch status.Of(err) {
	case status.OK:
		return info, bytes.Clone(ciphertext), nil
	case status.Unsupported: // it parsed
		return info, nil, err
	}
	return Info{}, nil, err
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
		action, err := actionOf(root)
		if err != nil {
			return Info{}, nil, err
		}
		return readAction(action, root, own)
	}
	return Info{}, nil, status.New(status.Malformed, "the stanza is not of a kind that carries a call key")
}

// actionOf returns the main child of a <call>: its only offer, accept or enc_rekey,
// else its only child.
func actionOf(call *node) (action *node, err error) {
	for i := range call.nodes {
		if n := &call.nodes[i]; keyKinds[n.tag] != KindNone {
			if action != nil {
				return nil, status.New(status.Malformed, "<call> has more than one offer, accept or enc_rekey")
			}
			action = n
		}
	}
	switch {
	case action != nil:
		return action, nil
	case len(call.nodes) == 1:
		return &call.nodes[0], nil
	}
	return nil, status.New(status.Malformed, "<call> has %d nodes, but no offer, accept or enc_rekey", len(call.nodes))
}

// readAction reads the main child of a <call>; call is its parent, nil if it is the
// root.
func readAction(n, call *node, own map[address]int) (Info, *node, error) {
	info := Info{
		Kind:   keyKinds[n.tag],
		Accept: n.tag == "accept",
		Video:  len(n.children("video")) != 0,
		Group:  n.tag == "enc_rekey" || n.has("group-jid") || len(n.children("group_info")) != 0,
	}
	if info.Kind == KindNone {
		info.Kind = KindOther
	}
	if err := readCall(&info, n, call); err != nil {
		return Info{}, nil, err
	}
	switch err := readKeygen(&info, n); {
	case info.Kind == KindOther: // its other contents are not checked
		return info, nil, nil
	case status.Of(err) == status.Unsupported:
		return info, nil, err
	case err != nil:
		return Info{}, nil, err
	}
	destination, err := n.child("destination")
	if err != nil {
		return Info{}, nil, err
	}
	if destination != nil {
		enc, err := ownEnc(destination, own)
		switch {
		case err != nil:
			return Info{}, nil, err
		case enc != nil:
			return info, enc, nil
		}
	}
	if bare := n.children("enc"); len(bare) == 1 {
		return info, bare[0], nil
	}
	return info, nil, nil
}

// readCall reads the call's id, creator and sender.
func readCall(info *Info, n, call *node) error {
	info.CallID = n.attr("call-id")
	if err := checkText(status.Malformed, "call-id", info.CallID); err != nil {
		return err
	}
	if creator := n.attr("call-creator"); creator != "" {
		j, err := ParseJID(creator)
		if err != nil {
			return status.New(status.Malformed, "call-creator is not the JID of a device")
		}
		info.CallCreator = j.String()
	}
	if call != nil {
		var err error
		if info.From, err = readName(call, "from"); err != nil {
			return err
		}
		if info.Participant, err = readName(call, "participant"); err != nil {
			return err
		}
	}
	if names, _ := info.Senders(); len(names) != 0 {
		info.Sender = names[0].String()
	}
	return nil
}

// readName reads an attribute of <call> that is a name, of a device or not.
func readName(call *node, name string) (string, error) {
	text := call.attr(name)
	if j, err := ParseJID(text); err == nil {
		return j.String(), nil
	}
	return text, checkText(status.Malformed, name, text)
}

// readKeygen reads <encopt> and, of an <enc_rekey>, the transaction id. Only an
// <enc_rekey> requires keygen 2: without <encopt> it has an older keygen.
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
	info.TransactionID, err = readNumber(n, "transaction-id")
	switch {
	case info.Keygen != 2:
		return status.New(status.Unsupported, "<enc_rekey> has a keygen other than 2")
	case err != nil:
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
		return 0, status.New(status.Malformed, "<%s>: %s is not a number", n.tag, name)
	}
	return uint32(v), nil
}

// ownEnc returns the <enc> of the <to> for one of the own JIDs, nil if there is none. A
// <to> with an unknown kind of JID belongs to another device.
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
			return nil, status.New(status.Malformed, "<destination> has two <to> for one device")
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
