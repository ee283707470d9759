package derive

import (
	"crypto/sha1"
	"crypto/subtle"

	"libcallkey/core/callkey"
	"libcallkey/core/kdf"
	"libcallkey/core/secret"
	"libcallkey/core/status"
)

// MaxPacketBytes is the longest RTP packet that is taken: what UDP carries.
const MaxPacketBytes = 65535

// SelectParticipant finds out who sent an SRTP packet: the index of the first
// participant whose SRTP authentication key, derived from key, gives the packet's tag
// under the roll-over counter roc. key is the call key, a group's epoch, or the first 32
// bytes of a raw_e2e.
//
// The packet is as it came from the network: header, CSRCs, header extension, encrypted
// payload, and a tag of tagLen bytes, 4 (AES_CM_128_HMAC_SHA1_32) or 10 (…_80). A wrong
// participant passes a 4-byte tag once in 2^32 packets.
//
// The work is the same for every participant, and none is left out once one fits, so
// the time tells how many there are, not which. One that is no participant id costs the
// same and never fits: the app's list comes from the network, and a bad entry must not
// hide the device that answered.
//
// It fails with KEY_LENGTH; with ARGUMENT for another tagLen; with MALFORMED if the
// packet is no RTP packet of version 2 or too short for its own header and the tag; and
// with AUTHENTICATION if nobody fits, also for an empty list.
//
// wacrg:CRY-02
func SelectParticipant(key []byte, participants []string, packet []byte, roc uint32, tagLen int) (int, error) {
	if err := callkey.Check(key); err != nil {
		return 0, err
	}
	if tagLen != 4 && tagLen != 10 {
		return 0, status.New(status.Argument, "the tag is 4 or 10 bytes long, not %d", tagLen)
	}
	if err := checkRTP(packet, tagLen); err != nil {
		return 0, err
	}
	authenticated, tag := packet[:len(packet)-tagLen], packet[len(packet)-tagLen:]
	found, refused := -1, 0
	secret.Do(func() {
		var prk [kdf.Size]byte
		kdf.Extract(&prk, nil, key)
		computed := newPacketTag(authenticated, roc)
		for i, participant := range participants {
			var buf [MaxParticipantBytes]byte
			id, err := appendParticipantID(buf[:0], participant)
			usable := 1
			if err != nil {
				usable, refused = 0, refused+1
			}
			var authKey, sum [sha1.Size]byte
			srtpAuthKey(&authKey, &prk, id)
			computed.under(authKey[:], &sum)
			fits := usable & subtle.ConstantTimeCompare(sum[:tagLen], tag)
			first := subtle.ConstantTimeEq(int32(found), -1)
			found = subtle.ConstantTimeSelect(fits&first, i, found)
			clear(authKey[:])
			clear(sum[:])
		}
		clear(prk[:])
	})
	if found < 0 {
		return 0, status.New(status.Authentication, "none of %d participants authenticates the packet (%d of them are no participant ids)", len(participants), refused)
	}
	return found, nil
}

// srtpAuthKey is SRTPKeys.SRTPAuthKey by itself, for a third of the work.
func srtpAuthKey(out *[sha1.Size]byte, prk *[kdf.Size]byte, id []byte) {
	var master [30]byte
	kdf.Expand(master[:], prk, id)
	kdf.AESCM((*[16]byte)(master[:16]), (*[14]byte)(master[16:]), nil, out[:]) // label 1
	clear(master[:])
}

// checkRTP refuses what cannot be an RTP packet with a tag (RFC 3550 §5.1, §5.3.1). What
// the payload holds is encrypted, its padding included.
func checkRTP(packet []byte, tagLen int) error {
	const fixed, csrc, extension = 12, 4, 4 // bytes
	if len(packet) < fixed || len(packet) > MaxPacketBytes {
		return status.New(status.Malformed, "an RTP packet has %d to %d bytes, not %d", fixed, MaxPacketBytes, len(packet))
	}
	if packet[0]>>6 != 2 {
		return status.New(status.Malformed, "the packet is not RTP version 2")
	}
	header := fixed + csrc*int(packet[0]&0x0f)
	if packet[0]&0x10 != 0 {
		if header += extension; header > len(packet) {
			return status.New(status.Malformed, "the packet ends inside its header extension")
		}
		words := int(packet[header-2])<<8 | int(packet[header-1])
		header += 4 * words
	}
	if header+tagLen > len(packet) {
		return status.New(status.Malformed, "the packet of %d bytes has no room for a header of %d and a tag of %d", len(packet), header, tagLen)
	}
	return nil
}
