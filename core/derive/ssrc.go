package derive

import (
	"encoding/binary"

	"libcallkey/core/kdf"
	"libcallkey/core/status"
)

// MaxCallIDBytes is the limit for a call id.
const MaxCallIDBytes = 127

// ssrcSlots are the streams of a participant in the order of SSRCs: audio, its FEC and
// NACK; video, its FEC and NACK; two hop-by-hop FEC streams; app data.
var ssrcSlots = [9]uint32{0, 1, 4, 2, 3, 5, 7, 8, 6}

// SSRCs sets out to the SSRCs of the nine streams that participant sends in a call:
// slots 0, 1, 4, 2, 3, 5, 7, 8, 6. Each is
// HKDF(salt slot as 4 bytes LE, IKM call id, info participant id, 4 bytes) read as LE.
//
// The call id is opaque: its exact bytes count, case included, without any decoding.
// Nothing here is secret.
//
// It fails with ARGUMENT for a call id that is empty or over 127 bytes, and with
// PARTICIPANT and ARGUMENT (see ParticipantID).
//
// wacrg:REL-06
func SSRCs(out *[9]uint32, callID, participant string) error {
	clear(out[:])
	if callID == "" || len(callID) > MaxCallIDBytes {
		return status.New(status.Argument, "call id is %d bytes, not 1 to %d", len(callID), MaxCallIDBytes)
	}
	var buf [MaxParticipantBytes + 1]byte
	id, err := appendParticipantID(buf[:0], participant)
	if err != nil {
		return err
	}
	var call [MaxCallIDBytes]byte
	ikm := append(call[:0], callID...)
	info := append(id, 1) // of HKDF's first block (RFC 5869 §2.3), which is enough
	// Two at a time, because two HMACs take little longer than one.
	for i := 0; i < len(out); i += 2 {
		j := min(i+1, len(out)-1)
		var prks, blocks [2][kdf.Size]byte
		var keys [2]kdf.Key
		kdf.Both(&prks[0], &prks[1], &ssrcSalts[i], &ssrcSalts[j], ikm, ikm)
		keys[0].Set(prks[0][:])
		keys[1].Set(prks[1][:])
		kdf.Both(&blocks[0], &blocks[1], &keys[0], &keys[1], info, info)
		out[i] = binary.LittleEndian.Uint32(blocks[0][:])
		out[j] = binary.LittleEndian.Uint32(blocks[1][:])
	}
	return nil
}

// ssrcSalts are the slots as salts of HKDF, which are the same in every call.
var ssrcSalts = func() (salts [len(ssrcSlots)]kdf.Key) {
	for i, slot := range ssrcSlots {
		salts[i].Set(binary.LittleEndian.AppendUint32(nil, slot))
	}
	return salts
}()
