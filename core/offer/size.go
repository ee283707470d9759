package offer

import (
	"libcallkey/core/envelope"
	"libcallkey/core/session"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
)

// mostBytes is no less than the size of any offer to these devices, so that a caller who asks for it need not
// wait until their sessions have begun. It is 0 if that is not known: JIDs or options have a fault.
func mostBytes(jids []string, o *stanza.OfferOptions) int {
	var longest [envelope.MaxBytes + session.OverheadMaxBytes]byte
	kind := stanza.EncPkmsg
	if o != nil && len(o.DeviceIdentity) == 0 {
		kind = stanza.EncMsg // no other can be in it
	}
	m := scratches.Get().(*scratch)
	defer m.release()
	m.begin(len(jids))
	codes := make([]status.Code, len(jids))
	for i, jid := range jids {
		var err error
		m.results[i].kind = kind
		m.results[i].to, err = stanza.NewTo(stanza.Enc{JID: jid, Type: kind, Ciphertext: longest[:]})
		codes[i] = status.Of(err)
	}
	offer, _, err := m.build(codes, o)
	if err != nil {
		return 0
	}
	return len(offer.Wire)
}
