package derive

import (
	"crypto/sha1"

	"libcallkey/core/callkey"
	"libcallkey/core/kdf"
	"libcallkey/core/secret"
	"libcallkey/core/status"
)

const warpAuthLabel = "warp auth key"

// WARPAuthKey sets out to the WARP authentication key of the call: HKDF(salt none, IKM
// call key, info "warp auth key"). It is the same for all participants. The 4-byte tag
// on media packets does not use it, but SRTPKeys.SRTPAuthKey.
//
// It fails with KEY_LENGTH.
//
// wacrg:CRY-07
func WARPAuthKey(out *[32]byte, key []byte) error {
	if err := callkey.Check(key); err != nil {
		clear(out[:])
		return err
	}
	secret.Do(func() { kdf.HKDF(out[:], nil, key, []byte(warpAuthLabel)) })
	return nil
}

// WARPTag sets out to the 4-byte tag of a packet: the start of HMAC-SHA1(authKey,
// packet ‖ roc as 4 bytes BE). authKey is the 20-byte SRTPKeys.SRTPAuthKey, under which
// it is the tag of AES_CM_128_HMAC_SHA1_32 on media, or the 32-byte WARP authentication
// key. packet is the whole packet without its tag. This is for tools that examine
// captures; to find the sender of a packet use SelectParticipant.
//
// It fails with KEY_LENGTH.
//
// wacrg:CRY-07
func WARPTag(out *[4]byte, authKey, packet []byte, roc uint32) error {
	if len(authKey) != sha1.Size && len(authKey) != kdf.Size {
		clear(out[:])
		return status.New(status.KeyLength, "authentication key is %d bytes, not %d or %d", len(authKey), sha1.Size, kdf.Size)
	}
	computed := newPacketTag(packet, roc)
	secret.Do(func() {
		var sum [sha1.Size]byte
		computed.under(authKey, &sum)
		copy(out[:], sum[:])
		clear(sum[:])
	})
	return nil
}
