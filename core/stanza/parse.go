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
	Keygen        uint32 // of <encopt>; 2 in practice, 0 if it has no readable one
	EncVersion    uint32 // 2 (padded plaintext) or 3 (not padded)
	TransactionID uint32 // of <enc_rekey>, not 0

	EncType EncType
	Video   bool // an offer or accept with video
	Group   bool // a group call
	Accept  bool // the key came in an <accept>: it is the answering side's

	CallID string
	// CallCreator is the peer's word. From and Participant are of the enclosing <call>:
	// the sender by the server's word. A device's JID is as the JID type spells it. Any
	// other text is unchanged: a group, a bot, a device above 255, another server.
	CallCreator, From, Participant string
	// Sender is the first of Senders: the device with the Signal session for the
	// ciphertext. Without a ciphertext it is the device that sent the stanza.
	Sender string
}

// ParseOffer returns the ciphertext for this device, with the JIDs own (LID and phone
// number, with device), from <call>, <offer>, <accept>, <enc_rekey>, <destination> or
// <enc> (wacrg:SIG-01, wacrg:SIG-03, wacrg:SIG-06).
//
// It reads the <to> of the first own JID that has one, with all spellings of a device
// equal; else a lone bare <enc>. An <enc> of a version or type that it does not read
// counts only if there is no other. The ciphertext is a copy.
//
// Info is filled whenever the stanza parsed, whatever the error; otherwise it is zero.
//
// Errors: ARGUMENT for a bad own JID; MALFORMED, and UNSUPPORTED for an unknown flag
// of the stanza, with a zero Info; with a filled one UNSUPPORTED for another enc
// version or type and for a keygen other than 2 in an <enc_rekey>, and
// NOT_FOR_THIS_DEVICE, also for a call stanza of another kind.
func ParseOffer(wire []byte, own []string) (Info, []byte, error) {
	wanted := make(ownDevices, 0, len(own))
	for i, s := range own {
		j, err := ParseJID(s)
		if err != nil {
			return Info{}, nil, status.New(status.Argument, "own_jids[%d]: %s", i, err.Error())
		}
		if wanted.rank(j) < 0 {
			wanted = append(wanted, j.address())
		}
	}
	d := decoders.Get().(*decoder)
	defer d.release()
	root, err := d.decode(wire, wanted)
	if err != nil {
		return Info{}, nil, err
	}
	info, found, err := readRoot(root, wanted)
	if err != nil {
		return info, nil, err
	}
	return take(info, found)
}

// take returns the ciphertext of an <enc>.
func take(info Info, found encs) (Info, []byte, error) {
	enc, err := found.one()
	switch {
	case err != nil:
		return Info{}, nil, err
	case enc == nil:
		info.Sender = info.teller()
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

func readRoot(root *node, own ownDevices) (Info, encs, error) {
	switch root.tag {
	case "enc":
		return Info{}, encs{bare: []*node{root}}, nil
	case "destination":
		return Info{}, encs{own: ownEncs(root, own)}, nil
	case "offer", "accept", "enc_rekey":
		return readAction(root, nil, own)
	case "call":
		action, err := actionOf(root)
		if err != nil {
			return Info{}, encs{}, err
		}
		return readAction(action, root, own)
	}
	return Info{}, encs{}, status.New(status.Malformed, "the stanza is not of a kind that carries a call key")
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
func readAction(n, call *node, own ownDevices) (Info, encs, error) {
	info := Info{
		Kind:   keyKinds[n.tag],
		Accept: n.tag == "accept",
		Video:  isVideo(n),
		Group:  isGroup(n),
		Keygen: readKeygen(n),
	}
	if info.Kind == KindNone {
		info.Kind = KindOther
	}
	if err := readCall(&info, n, call); err != nil {
		return Info{}, encs{}, err
	}
	switch info.Kind {
	case KindOther: // its other contents are not checked
		return info, encs{}, nil
	case KindRekey:
		switch err := readTransaction(&info, n); {
		case info.Keygen != 2:
			return info, encs{}, status.New(status.Unsupported, "<enc_rekey> has a keygen other than 2")
		case err != nil:
			return Info{}, encs{}, err
		}
	}
	found := encs{bare: n.children("enc")}
	destination, err := n.child("destination")
	if err != nil {
		return Info{}, encs{}, err
	}
	if destination != nil {
		found.own = ownEncs(destination, own)
	}
	return info, found, nil
}

// isVideo reports a call with video. Only an <offer_notice> has that as an attribute.
func isVideo(n *node) bool {
	return len(n.children("video")) != 0 || n.tag == "offer_notice" && n.attr("media") == "video"
}

// isGroup reports a group call. Some stanzas exist in group calls only.
func isGroup(n *node) bool {
	switch n.tag {
	case "enc_rekey", "group_update":
		return true
	case "offer_notice":
		if n.attr("type") == "group" {
			return true
		}
	}
	return n.has("group-jid") || len(n.children("group_info")) != 0
}

// readCall reads the call's id, creator and sender.
func readCall(info *Info, n, call *node) error {
	info.CallID = n.attr("call-id")
	if err := checkText(status.Malformed, "call-id", info.CallID); err != nil {
		return err
	}
	var err error
	if info.CallCreator, err = readName(n, "call-creator"); err != nil {
		return err
	}
	if call != nil {
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

// readName reads an attribute that is a name, of a device or not. Whether it is one that
// has a session is asked when a session is needed.
func readName(n *node, name string) (string, error) {
	text := n.attr(name)
	if text == "" {
		return "", nil
	}
	if j, err := ParseJID(text); err == nil {
		return j.String(), nil
	}
	return text, checkText(status.Malformed, name, text)
}

// readKeygen reads <encopt>. In an offer or accept nothing depends on it, so one that
// cannot be read is 0, like a missing one.
func readKeygen(n *node) uint32 {
	encopt, err := n.child("encopt")
	if encopt == nil || err != nil {
		return 0
	}
	keygen, err := readNumber(encopt, "keygen")
	if err != nil {
		return 0
	}
	return keygen
}

// readTransaction reads the number of an <enc_rekey>.
func readTransaction(info *Info, n *node) (err error) {
	info.TransactionID, err = readNumber(n, "transaction-id")
	if err == nil && info.TransactionID == 0 {
		err = status.New(status.Malformed, "<enc_rekey> has transaction-id 0")
	}
	return err
}

func readNumber(n *node, name string) (uint32, error) {
	v, err := strconv.ParseUint(n.attr(name), 10, 32)
	if err != nil {
		return 0, status.New(status.Malformed, "<%s>: %s is not a number", n.tag, name)
	}
	return uint32(v), nil
}
