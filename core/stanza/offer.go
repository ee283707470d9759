package stanza

import "libcallkey/core/status"

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

// capabilityVer is the version of the blobs.
const capabilityVer = "1"

// The words of an offer, and of the <call> around each stanza.
var (
	wordCall           = wordOf("call")
	wordTo             = wordOf("to")
	wordID             = wordOf("id")
	wordOffer          = wordOf("offer")
	wordCallID         = wordOf("call-id")
	wordCallCreator    = wordOf("call-creator")
	wordPrivacy        = wordOf("privacy")
	wordCapability     = wordOf("capability")
	wordVer            = wordOf("ver")
	wordDeviceIdentity = wordOf("device-identity")
)

// The nodes that are the same in every offer (wacrg:SIG-01).
var (
	audio8000  = constant("audio", "enc", "opus", "rate", "8000")
	audio16000 = constant("audio", "enc", "opus", "rate", "16000")
	netMedium3 = constant("net", "medium", "3")
	encopt     = constant("encopt", "keygen", "2")
)

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
		return BuildKey(nil, tos, false)
	}
	return BuildOfferTo(nil, tos, o)
}

// BuildOfferTo is BuildOffer for devices with a checked <to>. Options are required. The offer is in
// memory, if that is enough; what was there is lost.
func BuildOfferTo(memory []byte, tos []To, o *OfferOptions) ([]byte, error) {
	content := contentBytes(tos, o)
	if content >= MaxBytes {
		return nil, errTooLarge()
	}
	if err := checkKey(tos, o.MultiDevice); err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	if err := o.checkVideo(); err != nil {
		return nil, err
	}
	to, err := parseRecipient(o.To)
	if err != nil {
		return nil, status.New(status.Argument, "to: %s", err.Error())
	}
	creator, err := ParseJID(o.CallCreator)
	if err != nil {
		return nil, status.New(status.Argument, "call_creator: %s", err.Error())
	}
	hasPkmsg := anyPkmsg(tos)
	if hasPkmsg && len(o.DeviceIdentity) == 0 {
		return nil, status.New(status.DeviceIdentity, "device_identity is missing, and the offer has a pkmsg")
	}
	w := newWriter(memory, content+o.textBytes()+framesBytes(tos))
	w.offer(to, creator, tos, hasPkmsg, o)
	return w.end()
}

// offer writes the <call>. Servers are said to reject an offer (error 439) with children in any
// other order.
func (w *writer) offer(to, creator JID, tos []To, hasPkmsg bool, o *OfferOptions) {
	w.call(to, o)
	w.node(wordOffer)
	w.text(wordCallID, o.CallID)
	w.jid(wordCallCreator, creator)
	w.children()
	if len(o.PrivacyToken) != 0 {
		w.node(wordPrivacy)
		w.data(o.PrivacyToken)
	}
	w.whole(audio8000)
	w.whole(audio16000)
	if o.Video {
		w.video(o)
	}
	w.whole(netMedium3)
	if capability := o.capability(); len(capability) != 0 {
		w.node(wordCapability)
		w.text(wordVer, capabilityVer)
		w.data(capability)
	}
	w.key(tos, o.MultiDevice)
	w.whole(encopt)
	if hasPkmsg {
		w.node(wordDeviceIdentity)
		w.data(o.DeviceIdentity)
	}
}

// call writes the <call> around an offer or enc_rekey.
func (w *writer) call(to JID, o *OfferOptions) {
	w.node(wordCall)
	w.jid(wordTo, to)
	if o.StanzaID != "" {
		w.text(wordID, o.StanzaID)
	}
	w.children()
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

// textBytes is at least what an offer adds to its contents and its <to>. Each text may be longer on
// the wire by its own header.
func (o *OfferOptions) textBytes() int {
	const all, video = 112, 80
	n := all + len(o.StanzaID) + len(o.To) + len(o.CallID) + len(o.CallCreator)
	if o.Video {
		n += video + len(o.VideoEnc) + len(o.VideoDec)
	}
	return n
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
