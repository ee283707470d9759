package stanza

import "strings"

// Senders are the devices that the stanza names as its sender, the one to try first in
// front (docs/protocol.md, "Whose session"). In an offer that is call-creator, the peer's
// word, and then what the server says. The call creator does not write an accept or an
// enc_rekey in general, so there only the server's word counts, unless it is silent.
//
// silent tells that the <call> is said to be from somebody who is no device, such as a
// group: nobody bears out what call-creator says.
func (i *Info) Senders() (names []JID, silent bool) {
	names = i.Server()
	silent = len(names) == 0 && (i.From != "" || i.Participant != "")
	if i.Kind == KindOffer || len(names) == 0 {
		if j, err := ParseJID(i.CallCreator); err == nil {
			names = append([]JID{j}, names...)
		}
	}
	return names, silent
}

// Server is the server's word on who sent it: participant, which names the device where
// from is a group, and from, as far as they are devices.
func (i *Info) Server() (devices []JID) {
	for _, text := range []string{i.Participant, i.From} {
		if j, err := ParseJID(text); err == nil {
			devices = append(devices, j)
		}
	}
	return devices
}

// At is another device of the user.
func (j JID) At(device uint32) JID {
	j.device, j.spelled = uint8(device), true
	return j
}

// User is the user that a device belongs to, by the name in its Signal address. A hosted
// device is one of the user's own although its server is another.
func User(name string) string {
	switch user, agent, _ := strings.Cut(name, "_"); agent {
	case "128":
		return user
	case "129":
		return user + "_1"
	}
	return name
}
