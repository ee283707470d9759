// Package derive computes the keys and numbers of a call's media from its secrets: E2E SRTP
// and SRTCP, SFrame, WARP, hop-by-hop, and the SSRCs. With them it finds the sender of a
// packet.
//
// Every function is pure, keeps no state, never changes its inputs, and fills out with
// zeros if it fails. Work on secrets runs inside secret.Do, in fixed arrays.
//
// HKDF is HKDF-SHA256 (RFC 5869) throughout; "no salt" is the same as 32 zero bytes.
// Participants are given as JIDs and go through ParticipantID first, so all spellings
// of one device give the same keys. A wrong key length is reported before a bad
// participant.
package derive

import (
	"fmt"
	"io"

	"libcallkey/core/callkey"
	"libcallkey/core/kdf"
	"libcallkey/core/secret"
)

// SRTPKeys are the keys of one direction of SRTP and SRTCP: 130 bytes without padding,
// laid out as callkey_srtp_keys of the C contract.
//
// An unmodified SRTP library takes the 30 bytes MasterKey ‖ MasterSalt, with
// AES_CM_128_HMAC_SHA1_32 for RTP and AES_CM_128_HMAC_SHA1_80 for RTCP. The others are
// the session keys that such a library derives from them (RFC 3711 §4.3), for media
// engines with their own SRTP.
type SRTPKeys struct {
	MasterKey      [16]byte
	MasterSalt     [14]byte
	SRTPCipherKey  [16]byte
	SRTPAuthKey    [20]byte
	SRTPSalt       [14]byte
	SRTCPCipherKey [16]byte
	SRTCPAuthKey   [20]byte
	SRTCPSalt      [14]byte
}

// Format prints a placeholder for every verb, so that the keys never get into a log.
func (SRTPKeys) Format(s fmt.State, verb rune) { io.WriteString(s, "SRTPKeys(secret)") }

// setMaster fills k from the 30 bytes of a master key and salt.
func (k *SRTPKeys) setMaster(master *[30]byte) {
	copy(k.MasterKey[:], master[:16])
	copy(k.MasterSalt[:], master[16:])
	kdf.AESCM(&k.MasterKey, &k.MasterSalt,
		k.SRTPCipherKey[:], k.SRTPAuthKey[:], k.SRTPSalt[:],
		k.SRTCPCipherKey[:], k.SRTCPAuthKey[:], k.SRTCPSalt[:])
}

// E2EKeys sets out to the end-to-end SRTP and SRTCP keys of the streams that
// participant sends, from the 32-byte call key. A stream's keys come from its sender's
// id: your own id to send, the peer's to receive.
//
// The master key and salt are the first 30 of the 46 bytes HKDF(salt none, IKM call
// key, info participant id). The remaining 16 are unused, and not derived: HKDF's output
// does not depend on its length.
//
// It fails with KEY_LENGTH, PARTICIPANT and ARGUMENT (see ParticipantID).
//
// wacrg:CRY-02
func E2EKeys(out *SRTPKeys, key []byte, participant string) error {
	if err := callkey.Check(key); err != nil {
		*out = SRTPKeys{}
		return err
	}
	return e2eKeys(out, key, participant)
}

// E2EKeysRaw is E2EKeys from a decoded raw_e2e (DecodeRawE2E) instead of the call key:
// at least 32 bytes, of which the first 32 are used. SFrame and WARP still use the call
// key.
//
// wacrg:CRY-01
func E2EKeysRaw(out *SRTPKeys, rawE2E []byte, participant string) error {
	if len(rawE2E) < rawE2EBytes {
		*out = SRTPKeys{}
		return rawE2EShort(len(rawE2E))
	}
	return e2eKeys(out, rawE2E[:rawE2EBytes], participant)
}

func e2eKeys(out *SRTPKeys, ikm []byte, participant string) error {
	var buf [MaxParticipantBytes]byte
	id, err := appendParticipantID(buf[:0], participant)
	if err != nil {
		*out = SRTPKeys{}
		return err
	}
	secret.Do(func() {
		var prk [kdf.Size]byte
		kdf.Extract(&prk, nil, ikm)
		expandE2EKeys(out, &prk, id)
		clear(prk[:])
	})
	return nil
}

// expandE2EKeys does the work per participant, once the secret is extracted.
func expandE2EKeys(out *SRTPKeys, prk *[kdf.Size]byte, id []byte) {
	var master [30]byte
	kdf.Expand(master[:], prk, id)
	out.setMaster(&master)
	clear(master[:])
}
