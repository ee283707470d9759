package offer

import (
	"libcallkey/core/callkey"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Info is the content of a stanza around its ciphertext, and the identity key in the
// ciphertext.
type Info struct {
	stanza.Info
	// SenderIdentity is the identity key in a pkmsg, zero if there is none. It is the
	// sender's only if the key opened; before that anyone can have written it there.
	SenderIdentity [32]byte
}

// Parse returns the ciphertext for one of the own JIDs. It does not check the
// ciphertext: an app with its own Signal stack may read newer ones.
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

// Open opens the call key for one of the own JIDs. sender is the sending device; "" means
// the one that the stanza names. Info is filled whenever the stanza parsed, even if the
// key did not open. Its Sender is the device of the session; after CONFLICT, the device
// that the server names.
//
// Errors: those of stanza.ParseOffer and OpenEnc; ARGUMENT if neither the app nor the
// stanza names a device as the sender; CONFLICT if the app names none, the stanza names
// different users, or beside one a name that is not a device, and none of them is known to
// have the identity of the pkmsg.
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

// namedBy returns the sender that the app names, if any.
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
	unconfirmed := false
	if len(names) == 0 {
		names, unconfirmed = said.Senders()
	}
	if len(names) == 0 {
		return info, status.New(status.Argument, "the stanza names no device as its sender, and sender_jid is missing")
	}
	info.Sender = names[0].String()
	switch {
	case unread != nil:
		return info, unread
	case !unconfirmed && oneUser(names):
		return info, in.open(s, out, nameOf(names[0]))
	}
	sender, err := in.openDisputed(s, out, names, unconfirmed)
	info.Sender = names[sender].String()
	if status.Of(err) == status.Conflict {
		info.Sender = ""
		if server := said.Server(); len(server) != 0 {
			info.Sender = server[0].String()
		}
	}
	return info, err
}
