package derive

import (
	"strings"
	"unicode/utf8"

	"libcallkey/core/status"
)

// MaxParticipantBytes is the longest JID that is taken, and the longest participant id
// that is made.
const MaxParticipantBytes = 127

// These are values, made once, so that a bad participant costs no allocation where
// secrets are worked on.
var (
	errNoParticipant  = status.New(status.Participant, "participant id is empty")
	errParticipantLen = status.New(status.Argument, "participant id is over %d bytes", MaxParticipantBytes)
	errParticipantNUL = status.New(status.Argument, "participant id contains a NUL")
	errParticipantEnc = status.New(status.Argument, "participant id is not UTF-8")
)

// ParticipantID is the text that stands for a participant's device in every
// derivation, made from a JID:
//
//   - what follows the first "/" (a resource) is dropped,
//   - white space (Unicode's White_Space) around it is dropped,
//   - user@lid without a device becomes user:0@lid; the last "@" counts, "lid" must be
//     spelled exactly so, and a user with any ":" is left as it is,
//   - everything else stays byte for byte. A phone-number JID without a device stays
//     without one; implementations differ here, so for the other form pass
//     1555:0@s.whatsapp.net.
//
// An id made by this function is its own id. It fails with PARTICIPANT if nothing is
// left, and with ARGUMENT for text that is not UTF-8, contains a NUL, is over 127 bytes
// or would be over 127 bytes with its ":0".
//
// The device number is part of the id: keys made for :0 while another device of the
// callee answered are other keys, and nothing but the noise in the audio tells.
// Derive again for the device that answered.
//
// wacrg:CRY-06
func ParticipantID(jid string) (string, error) {
	var buf [MaxParticipantBytes]byte
	id, err := appendParticipantID(buf[:0], jid)
	return string(id), err
}

// appendParticipantID appends the id of jid to dst, which must have room for
// MaxParticipantBytes more.
func appendParticipantID(dst []byte, jid string) ([]byte, error) {
	switch {
	case len(jid) > MaxParticipantBytes:
		return nil, errParticipantLen
	case !utf8.ValidString(jid):
		return nil, errParticipantEnc
	case strings.IndexByte(jid, 0) >= 0:
		return nil, errParticipantNUL
	}
	jid, _, _ = strings.Cut(jid, "/")
	jid = strings.TrimSpace(jid)
	if jid == "" {
		return nil, errNoParticipant
	}
	at := strings.LastIndexByte(jid, '@')
	if at <= 0 || jid[at:] != "@lid" || strings.IndexByte(jid[:at], ':') >= 0 {
		return append(dst, jid...), nil
	}
	if len(jid)+len(":0") > MaxParticipantBytes {
		return nil, errParticipantLen
	}
	dst = append(dst, jid[:at]...)
	return append(dst, ":0@lid"...), nil
}
