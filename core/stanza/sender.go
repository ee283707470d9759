package stanza

import "strings"

// Senders returns the devices that the stanza names as its sender, the first to try in
// front (docs/protocol.md, "Which session"). In an offer that is call-creator, the peer's
// word, and then the server's word. The call creator usually does not write an accept or
// an enc_rekey, so there only the server's word counts, unless it is silent.
//
// unconfirmed reports that one of the two words is there and not a device: the <call>
// comes from e.g. a group, or call-creator is e.g. a bot. Then nothing confirms the other.
func (i *Info) Senders() (names []JID, unconfirmed bool) {
	names = i.Server()
	unconfirmed = len(names) == 0 && (i.From != "" || i.Participant != "")
	if i.Kind == KindOffer || len(names) == 0 {
		if j, err := ParseJID(i.CallCreator); err == nil {
			names = append([]JID{j}, names...)
		} else if i.CallCreator != "" {
			unconfirmed = true
		}
	}
	return names, unconfirmed
}

// teller returns the device that sent a stanza without a key, "" if none is named. Only
// an offer is from its call's creator: taken for the device that answered, the creator
// would be keyed in its place.
func (i *Info) teller() string {
	names := i.Server()
	if i.Kind == KindOffer {
		names, _ = i.Senders()
	}
	if len(names) == 0 {
		return ""
	}
	return names[0].String()
}

// Server returns the senders by the server's word: participant, which names the device
// if from is a group, and from, if they are devices.
func (i *Info) Server() (devices []JID) {
	for _, text := range []string{i.Participant, i.From} {
		if text == "" {
			continue
		}
		if j, err := ParseJID(text); err == nil {
			devices = append(devices, j)
		}
	}
	return devices
}

// At returns another device of the user.
func (j JID) At(device uint32) JID {
	j.device = uint8(device)
	return j
}

// User returns the user of a device, by the name in its Signal address. A hosted device
// belongs to the same user although its server differs.
func User(name string) string {
	switch user, agent, _ := strings.Cut(name, "_"); agent {
	case "128":
		return user
	case "129":
		return user + "_1"
	}
	return name
}
