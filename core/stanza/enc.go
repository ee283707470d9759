package stanza

import (
	"libcallkey/core/status"
)

// An EncType is the type of Signal message in an <enc>.
type EncType uint32

const (
	EncNone  EncType = 0 // no ciphertext
	EncMsg   EncType = 1 // SignalMessage, on a session that the peer acknowledged
	EncPkmsg EncType = 2 // PreKeySignalMessage, while the session is new
)

// String is the type attribute: "msg", "pkmsg", or "none".
func (t EncType) String() string {
	switch t {
	case EncMsg:
		return "msg"
	case EncPkmsg:
		return "pkmsg"
	}
	return "none"
}

// An Enc is the call key encrypted for one device.
type Enc struct {
	JID        string  // the device; may be empty for a bare <enc>
	Type       EncType // EncMsg or EncPkmsg
	Ciphertext []byte  // the Signal message; at least 1 byte
}

// The version that we write: its plaintext is padded. We also read version 3.
const encVersion = "2"

// readEnc returns the content of an <enc>.
//
// A version other than 2 and 3 and a type other than msg and pkmsg are UNSUPPORTED, not
// MALFORMED: other clients have more of them (skmsg for groups) and add new ones, so
// for the app they are "too new", not "damaged". An <enc> without a version is of version
// 2, as for every other reader. One without a type or ciphertext is MALFORMED.
//
// Info tells each of version and type that is known, also of an <enc> that is not read: its
// sender has a key of its own.
func readEnc(info *Info, enc *node) ([]byte, error) {
	kind := enc.attr("type")
	switch kind {
	case "msg":
		info.EncType = EncMsg
	case "pkmsg":
		info.EncType = EncPkmsg
	}
	switch v := enc.attr("v"); {
	case v == "2" || !enc.has("v"):
		info.EncVersion = 2
	case v == "3":
		info.EncVersion = 3
	default:
		return nil, status.New(status.Unsupported, "<enc> has an unknown version")
	}
	switch {
	case kind == "":
		return nil, status.New(status.Malformed, "<enc> has no type")
	case info.EncType == EncNone:
		return nil, status.New(status.Unsupported, "<enc> has an unknown type")
	}
	if enc.content != contentData || len(enc.data) == 0 {
		return nil, status.New(status.Malformed, "<enc> has no ciphertext")
	}
	return enc.data, nil
}
