package derive

import (
	"strings"
	"unicode/utf8"

	"libcallkey/core/status"
)

// MaxParticipantBytes is the limit for a JID and for a participant id.
const MaxParticipantBytes = 127

// These values are made once, so that a bad participant causes no allocation inside
// secret.Do.
var (
	errNoParticipant  = status.New(status.Participant, "participant id is empty")
	errParticipantLen = status.New(status.Argument, "participant id is over %d bytes", MaxParticipantBytes)
	errParticipantNUL = status.New(status.Argument, "participant id contains a NUL")
	errParticipantEnc = status.New(status.Argument, "participant id is not UTF-8")
)

// ParticipantID returns the text that identifies a participant's device in every
// derivation, computed from a JID:
//
//   - everything from the first "/" on (a resource) is dropped,
//   - white space (Unicode's White_Space) around it is dropped,
//   - user@lid without a device becomes user:0@lid; the last "@" counts, "lid" must be
//     spelled exactly so, and a user with any ":" is left as it is,
//   - everything else stays unchanged. A phone-number JID without a device stays
//     without one; implementations differ here, so for the other form pass
//     1555:0@s.whatsapp.net.
//
// The id of an id is the same id. It fails with PARTICIPANT if nothing is left, and
// with ARGUMENT for text that is not UTF-8, contains a NUL, is over 127 bytes or would
// be over 127 bytes with its ":0".
//
// The device number is part of the id. If another device of the callee answered, keys
// made for :0 are the wrong keys, and only the noise in the audio shows it. Derive
// again for the device that answered.
//
// wacrg:CRY-06 wacrg:REL-06
func ParticipantID(jid string) (string, error) {
	var buf [MaxParticipantBytes]byte
	id, err := appendParticipantID(buf[:0], jid)
	return string(id), err
}

// appendParticipantID appends the id of jid to dst, which must have capacity for
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
