package stanza

import (
	"slices"

	"libcallkey/core/status"
)

// OfferOptions is the content of an offer besides the key.
type OfferOptions struct {
	// Video adds <video> with the attributes below. Without it they must not be set.
	Video bool
	// MultiDevice keeps <destination> even for one enc: the callee has more devices,
	// and encryption failed for the others. A bare <enc> would lose the key's address.
	MultiDevice bool

	StanzaID    string // id of <call>; "": the sender of the stanza adds it
	To          string // the callee: a user, a device, a group or a call
	CallID      string // opaque; the SSRCs are derived from its bytes
	CallCreator string // the caller's own device, by LID

	VideoEnc, VideoDec      string // "": h.264 and H264
	VideoWidth, VideoHeight uint32 // screen_width and screen_height
	VideoDeviceOrientation  uint32

	Capability     []byte // nil: the default; empty, not nil: no <capability>
	PrivacyToken   []byte // empty: no <privacy>
	DeviceIdentity []byte // required with a pkmsg, and written only with one
}

// The blobs that a client writes in its own offers. They are opaque; an app can pass
// another.
var (
	audioCapability = []byte{0x01, 0x05, 0xf7, 0x09, 0xe0, 0xbb, 0x13}
	videoCapability = []byte{0x01, 0x05, 0xf7, 0x09, 0xe0, 0xbb, 0x53}
)

// Constants in an offer (wacrg:SIG-01).
const (
	netMedium     = "3"
	capabilityVer = "1"
	offerKeygen   = "2"
)

// The children that are the same in every offer, written once.
var (
	audioNodes = []node{
		written(element("audio", "enc", "opus", "rate", "8000")),
		written(element("audio", "enc", "opus", "rate", "16000")),
	}
	netNode    = written(element("net", "medium", netMedium))
	encoptNode = written(element("encopt", "keygen", offerKeygen))
)

func written(n node) node { return writtenNode(appendNode(nil, &n)) }

func writtenNode(wire []byte) node { return node{content: contentWritten, data: wire} }

// BuildOffer writes the <call><offer> stanza that carries encs (wacrg:SIG-01),
// or with nil options the key node alone: <enc>, or <destination> for more than
// one device. The result is uncompressed and at most MaxBytes long.
//
// Errors: NO_DEVICES without encs; DEVICE_IDENTITY for a pkmsg in an offer
// without device identity, which the server would drop; ARGUMENT.
func BuildOffer(encs []Enc, o *OfferOptions) ([]byte, error) {
	tos := make([]To, len(encs))
	for i, e := range encs {
		var err error
		if tos[i], err = NewTo(e); err != nil {
			return nil, status.New(status.Argument, "encs[%d]: %s", i, err.Error())
		}
	}
	if o == nil {
		return BuildKey(tos, false)
	}
	return BuildOfferTo(tos, o)
}

// BuildOfferTo is BuildOffer for devices with a checked <to>. Options are required.
func BuildOfferTo(tos []To, o *OfferOptions) ([]byte, error) {
	size := contentBytes(tos, o)
	if size >= MaxBytes {
		return nil, errTooLarge()
	}
	key, err := keyNode(tos, o.MultiDevice)
	if err != nil {
		return nil, err
	}
	hasPkmsg := slices.ContainsFunc(tos, func(t To) bool { return t.kind == EncPkmsg })
	call, err := callNode(key, hasPkmsg, o)
	if err != nil {
		return nil, err
	}
	return write(&call, size+len(tos)*usualToBytes)
}

// usualToBytes is enough for what a usual <to> adds to its ciphertext.
const usualToBytes = 48

// write writes a root with about size bytes of content.
func write(root *node, size int) ([]byte, error) {
	// 256 bytes are enough for a usual offer around its contents.
	wire := appendStanza(make([]byte, 0, 256+size), root)
	if len(wire) > MaxBytes {
		return nil, errTooLarge()
	}
	return wire, nil
}

func errTooLarge() error {
	return status.New(status.Argument, "the stanza is larger than %d bytes", MaxBytes)
}

// contentBytes is the total length of the parts of an offer that MaxTextBytes does not
// limit.
func contentBytes(tos []To, o *OfferOptions) int {
	n := 0
	for i := range tos {
		n += len(tos[i].ciphertext)
	}
	if o != nil {
		n += len(o.Capability) + len(o.PrivacyToken) + len(o.DeviceIdentity)
	}
	return n
}

// callNode returns the <call>. Servers are said to reject an offer (error 439) with
// children in any other order.
func callNode(key node, hasPkmsg bool, o *OfferOptions) (node, error) {
	if err := o.check(); err != nil {
		return node{}, err
	}
	if err := o.checkVideo(); err != nil {
		return node{}, err
	}
	to, err := parseRecipient(o.To)
	if err != nil {
		return node{}, status.New(status.Argument, "to: %s", err.Error())
	}
	creator, err := ParseJID(o.CallCreator)
	if err != nil {
		return node{}, status.New(status.Argument, "call_creator: %s", err.Error())
	}
	if hasPkmsg && len(o.DeviceIdentity) == 0 {
		return node{}, status.New(status.DeviceIdentity, "device_identity is missing, and the offer has a pkmsg")
	}
	children := make([]node, 0, 9)
	if len(o.PrivacyToken) != 0 {
		children = append(children, element("privacy").withData(o.PrivacyToken))
	}
	children = append(children, audioNodes...)
	if o.Video {
		children = append(children, o.videoNode())
	}
	children = append(children, netNode)
	if capability := o.capability(); len(capability) != 0 {
		children = append(children, element("capability", "ver", capabilityVer).withData(capability))
	}
	children = append(children, key, encoptNode)
	if hasPkmsg {
		children = append(children, element("device-identity").withData(o.DeviceIdentity))
	}

	offer := element("offer", "call-id", o.CallID).withJID("call-creator", creator).withNodes(children...)
	return o.call(to).withNodes(offer), nil
}

func (o *OfferOptions) capability() []byte {
	switch {
	case o.Capability != nil:
		return o.Capability
	case o.Video:
		return videoCapability
	}
	return audioCapability
}

// call returns the <call> around an offer or enc_rekey.
func (o *OfferOptions) call(to JID) node {
	call := element("call").withJID("to", to)
	if o.StanzaID != "" {
		call.attrs = append(call.attrs, attr{name: "id", value: o.StanzaID})
	}
	return call
}

// check checks the texts that are not JIDs.
func (o *OfferOptions) check() error {
	if o.CallID == "" {
		return status.New(status.Argument, "call_id is empty")
	}
	if err := checkText(status.Argument, "call-id", o.CallID); err != nil {
		return err
	}
	return checkText(status.Argument, "stanza id", o.StanzaID)
}
