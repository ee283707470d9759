package stanza

import "libcallkey/core/status"

// BuildRekey writes the <call><enc_rekey> that carries a group's epoch to one device, for
// ciphertexts of our own sessions and of an app's
// (wacrg:CRY-06, wacrg:SIG-06). transaction is the epoch's number. It uses only the
// options StanzaID, CallID, CallCreator and DeviceIdentity; the <call> goes to the
// device.
//
// Errors: DEVICE_IDENTITY for a pkmsg without device identity; ARGUMENT, also for
// transaction 0.
func BuildRekey(enc Enc, transaction uint32, o *OfferOptions) ([]byte, error) {
	if err := CheckRekey(transaction, o); err != nil {
		return nil, err
	}
	to, err := NewTo(enc)
	if err != nil {
		return nil, status.New(status.Argument, "enc: %s", err.Error())
	}
	device, err := ParseJID(enc.JID) // also without one, which NewTo accepts
	if err != nil {
		return nil, status.New(status.Argument, "enc: jid: %s", err.Error())
	}
	creator, err := ParseJID(o.CallCreator)
	if err != nil {
		return nil, status.New(status.Argument, "call_creator: %s", err.Error())
	}
	if enc.Type == EncPkmsg && len(o.DeviceIdentity) == 0 {
		return nil, status.New(status.DeviceIdentity, "device_identity is missing, and the enc_rekey has a pkmsg")
	}
	tos := [1]To{to}
	content := contentBytes(tos[:], &OfferOptions{DeviceIdentity: o.DeviceIdentity})
	if content >= MaxBytes {
		return nil, errTooLarge()
	}
	w := newWriter(nil, content+o.textBytes()+framesBytes(tos[:]))
	w.rekey(device, creator, tos[:], transaction, o)
	return w.end()
}

var (
	wordRekey         = wordOf("enc_rekey")
	wordTransactionID = wordOf("transaction-id")
)

// rekey writes the <call>.
func (w *writer) rekey(device, creator JID, tos []To, transaction uint32, o *OfferOptions) {
	w.call(device, o)
	w.node(wordRekey)
	w.text(wordCallID, o.CallID)
	w.jid(wordCallCreator, creator)
	w.number(wordTransactionID, transaction)
	w.children()
	w.whole(encopt)
	w.key(tos, false)
	if anyPkmsg(tos) {
		w.node(wordDeviceIdentity)
		w.data(o.DeviceIdentity)
	}
}

// CheckRekey makes BuildRekey's checks that do not need the enc.
func CheckRekey(transaction uint32, o *OfferOptions) error {
	switch {
	case transaction == 0:
		return status.New(status.Argument, "transaction_id is 0")
	case o == nil:
		return status.New(status.Argument, "an enc_rekey needs options, with call_id and call_creator")
	}
	return o.check()
}

// ParseRekey is ParseOffer for an <enc_rekey>, with or without its <call>: its
// ciphertext is in a bare <enc>. An app that parsed the stanza itself may pass the <enc>
// alone, which names no transaction. Another call stanza is MALFORMED, with Info filled:
// the key in an <offer> or <accept> is not an epoch.
func ParseRekey(wire []byte) (Info, []byte, error) {
	d := decoders.Get().(*decoder)
	defer d.release()
	root, err := d.decode(wire, nil)
	if err != nil {
		return Info{}, nil, err
	}
	info, found, err := readRoot(root, nil)
	switch {
	case err != nil:
		return info, nil, err
	case info.Kind != KindRekey && info.Kind != KindNone:
		info.Sender = info.teller() // no session is used
		return info, nil, status.New(status.Malformed, "the stanza is not an enc_rekey")
	}
	return take(info, found)
}
