package offer

import (
	"libcallkey/core/callkey"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Open opens the call key for one of the own JIDs out of a stanza. sender names the
// device whose session it is; "" takes the one that the stanza names. Info is what the
// stanza says, also when the key did not open: with DUPLICATE it tells the app which
// call's key it already has.
//
// Errors: those of stanza.ParseOffer and OpenEnc; ARGUMENT when nobody names a sender.
func Open(s *store.Store, out *[callkey.Bytes]byte, wire []byte, own []string, sender string) (stanza.Info, error) {
	clear(out[:])
	info, ciphertext, err := stanza.ParseOffer(wire, own)
	if err != nil {
		return info, err
	}
	return openFrom(s, out, info, ciphertext, sender)
}

func openFrom(s *store.Store, out *[callkey.Bytes]byte, info stanza.Info, ciphertext []byte, sender string) (stanza.Info, error) {
	if sender != "" {
		j, err := stanza.ParseJID(sender)
		if err != nil {
			return info, err
		}
		info.Sender = j.String()
	}
	if info.Sender == "" {
		return info, status.New(status.Argument, "the stanza names no sender and none was given")
	}
	return info, OpenEnc(s, out, info.Sender, info.EncType, info.EncVersion, ciphertext)
}
