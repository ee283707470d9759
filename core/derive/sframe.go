package derive

import (
	"libcallkey/core/callkey"
	"libcallkey/core/kdf"
	"libcallkey/core/secret"
)

const sframeLabel = "e2e sframe key"

// SFrameKey sets out to the SFrame key for participant: HKDF(salt call key[0:16], IKM
// call key[16:32], info "e2e sframe key" ‖ participant id). AES-128-GCM uses the first 16
// of the 32 bytes.
//
// The id is disputed: of four implementations two use the sender's, like SRTP, and two
// the peer's. The caller passes one; try the other if frames do not authenticate.
//
// It fails with KEY_LENGTH, PARTICIPANT and ARGUMENT (see ParticipantID).
//
// wacrg:CRY-04
func SFrameKey(out *[32]byte, key []byte, participant string) error {
	if err := callkey.Check(key); err != nil {
		clear(out[:])
		return err
	}
	var buf [len(sframeLabel) + MaxParticipantBytes]byte
	info, err := appendParticipantID(append(buf[:0], sframeLabel...), participant)
	if err != nil {
		clear(out[:])
		return err
	}
	secret.Do(func() { kdf.HKDF(out[:], key[:16], key[16:], info) })
	return nil
}
