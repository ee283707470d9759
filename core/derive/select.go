package derive

import (
	"crypto/sha1"
	"crypto/subtle"

	"libcallkey/core/callkey"
	"libcallkey/core/kdf"
	"libcallkey/core/secret"
	"libcallkey/core/status"
)

// MaxPacketBytes is the limit for an RTP packet: the limit of UDP.
const MaxPacketBytes = 65535

// SelectParticipant finds the sender of an SRTP packet: the index of the first
// participant with an SRTP authentication key, derived from key, that gives the packet's
// tag under the roll-over counter roc. key is the call key, a group's epoch, or the
// first 32 bytes of a raw_e2e.
//
// The packet is as it came from the network: header, CSRCs, header extension, encrypted
// payload, and a tag of tagLen bytes, 4 (AES_CM_128_HMAC_SHA1_32) or 10 (…_80). A wrong
// participant matches a 4-byte tag once in 2^32 packets.
//
// Every participant takes the same work, and a match does not stop the search, so the
// time reveals how many there are, not which one matched. One that is not a participant
// id takes the same work and never matches: the app's list comes from the network, and
// a bad entry must not hide the device that answered.
//
// Only the tag decides: a packet that authenticates is its sender's, even if its
// extension does not follow RFC 3550, as in the captured known answer. The lengths in the
// header matter only if nothing matches, to distinguish a truncated packet from a
// stranger's.
//
// It fails with KEY_LENGTH; with ARGUMENT for another tagLen; with MALFORMED if the packet
// is not of RTP version 2, is too short for a header and the tag, or nothing matches and
// its header announces more than there is; else with AUTHENTICATION if nothing matches,
// also for an empty list.
//
// wacrg:CRY-05
func SelectParticipant(key []byte, participants []string, packet []byte, roc uint32, tagLen int) (int, error) {
	if err := callkey.Check(key); err != nil {
		return 0, err
	}
	if tagLen != 4 && tagLen != 10 {
		return 0, status.New(status.Argument, "tag_len is %d, not 4 or 10", tagLen)
	}
	if err := checkRTP(packet, tagLen); err != nil {
		return 0, err
	}
	authenticated, tag := packet[:len(packet)-tagLen], packet[len(packet)-tagLen:]
	found, refused := -1, 0
	computed := newPacketTag(authenticated, roc)
	secret.Do(func() {
		var prk [kdf.Size]byte
		var extracted kdf.Key
		kdf.Extract(&prk, nil, key)
		extracted.Set(prk[:])
		for i, participant := range participants {
			var buf [MaxParticipantBytes]byte
			id, err := appendParticipantID(buf[:0], participant)
			usable := 1
			if err != nil {
				usable, refused = 0, refused+1
			}
			var authKey, sum [sha1.Size]byte
			srtpAuthKey(&authKey, &extracted, id)
			computed.under(authKey[:], &sum)
			fits := usable & subtle.ConstantTimeCompare(sum[:tagLen], tag)
			first := subtle.ConstantTimeEq(int32(found), -1)
			found = subtle.ConstantTimeSelect(fits&first, i, found)
			clear(authKey[:])
			clear(sum[:])
		}
		clear(prk[:])
		extracted.Clear()
	})
	if found >= 0 {
		return found, nil
	}
	if header := announcedHeader(packet); header > len(authenticated) {
		return 0, status.New(status.Malformed, "the packet is cut short: its header announces %d bytes, and it has %d before its tag", header, len(authenticated))
	}
	return 0, status.New(status.Authentication, "none of %d participants matches the packet's tag (%d of them are not participant ids)", len(participants), refused)
}

// srtpAuthKey derives only SRTPKeys.SRTPAuthKey, for two thirds of the work.
func srtpAuthKey(out *[sha1.Size]byte, extracted *kdf.Key, id []byte) {
	var master [30]byte
	extracted.Expand(master[:], id)
	kdf.AESCM((*[16]byte)(master[:16]), (*[14]byte)(master[16:]), nil, out[:]) // label 1
	clear(master[:])
}

// checkRTP rejects bytes that can't be an RTP packet with a tag, whatever its header
// announces (RFC 3550 §5.1).
func checkRTP(packet []byte, tagLen int) error {
	if least := rtpFixedBytes + tagLen; len(packet) < least || len(packet) > MaxPacketBytes {
		return status.New(status.Malformed, "an RTP packet with its tag has %d to %d bytes, not %d", least, MaxPacketBytes, len(packet))
	}
	if packet[0]>>6 != 2 {
		return status.New(status.Malformed, "the packet is not RTP version 2")
	}
	return nil
}

const rtpFixedBytes = 12

// announcedHeader is the length that a header claims, with CSRCs and extension (RFC
// 3550 §5.1, §5.3.1). It can exceed the packet.
func announcedHeader(packet []byte) int {
	const csrc, extension = 4, 4 // bytes
	header := rtpFixedBytes + csrc*int(packet[0]&0x0f)
	if packet[0]&0x10 != 0 {
		if header += extension; header <= len(packet) {
			words := int(packet[header-2])<<8 | int(packet[header-1])
			header += 4 * words
		}
	}
	return header
}
