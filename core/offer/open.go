package offer

import (
	"libcallkey/core/callkey"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Info is what a stanza says, and whose identity its ciphertext presents.
type Info struct {
	stanza.Info
	// SenderIdentity is the identity key in a pkmsg, zero if there is none. It is the
	// sender's only when the key opened; before that anybody can have written it there.
	SenderIdentity [32]byte
}

// Parse picks the ciphertext for one of the own JIDs out of a stanza. It does not judge
// the ciphertext: an app with a Signal stack of its own may read newer ones.
//
// Errors: those of stanza.ParseOffer.
func Parse(wire []byte, own []string) (Info, []byte, error) {
	said, ciphertext, err := stanza.ParseOffer(wire, own)
	info := Info{Info: said}
	if err == nil && said.EncType == stanza.EncPkmsg {
		if message, unread := signal.Parse(true, ciphertext); unread == nil {
			info.SenderIdentity = message.Identity()
		}
	}
	return info, ciphertext, err
}

// Open opens the call key for one of the own JIDs out of a stanza. sender names the
// device whose session it is; "" takes the one that the stanza names. Info is filled
// whenever the stanza parsed, also when the key did not open. Its Sender is whose session
// it was; after CONFLICT, who the server says.
//
// Errors: those of stanza.ParseOffer and OpenEnc; ARGUMENT when nobody names a sender;
// CONFLICT when the stanza names different users, the app none, and a pkmsg presents an
// identity that is known of none of them.
func Open(s *store.Store, out *[callkey.Bytes]byte, wire []byte, own []string, sender string) (Info, error) {
	clear(out[:])
	named, err := namedBy(sender)
	if err != nil {
		return Info{}, err
	}
	said, ciphertext, err := stanza.ParseOffer(wire, own)
	if err != nil {
		return Info{Info: said}, err
	}
	return openFrom(s, out, said, ciphertext, named)
}

// namedBy is the sender that the app names, if it names one.
func namedBy(sender string) ([]stanza.JID, error) {
	if sender == "" {
		return nil, nil
	}
	j, err := stanza.ParseJID(sender)
	if err != nil {
		return nil, status.New(status.Argument, "sender_jid: %v", err)
	}
	return []stanza.JID{j}, nil
}

func openFrom(s *store.Store, out *[callkey.Bytes]byte, said stanza.Info, ciphertext []byte, names []stanza.JID) (info Info, err error) {
	info.Info = said
	in, unread := parse(said.EncType, said.EncVersion, ciphertext)
	if unread == nil {
		info.SenderIdentity = in.message.Identity()
	}
	silent := false
	if len(names) == 0 {
		names, silent = said.Senders()
	}
	if len(names) == 0 {
		return info, status.New(status.Argument, "the stanza names no sender, and sender_jid is missing")
	}
	info.Sender = names[0].String()
	switch {
	case unread != nil:
		return info, unread
	case !silent && oneUser(names):
		return info, in.open(s, out, addressOf(names[0]))
	}
	sender, err := in.openDisputed(s, out, names, silent)
	info.Sender = names[sender].String()
	if status.Of(err) == status.Conflict {
		info.Sender = ""
		if server := said.Server(); len(server) != 0 {
			info.Sender = server[0].String()
		}
	}
	return info, err
}
