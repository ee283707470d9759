package derive

import (
	"libcallkey/core/callkey"
	"libcallkey/core/kdf"
	"libcallkey/core/secret"
)

const warpAuthLabel = "warp auth key"

// WARPAuthKey sets out to the WARP authentication key of the call:
// HKDF(salt none, IKM call key, info "warp auth key"). It is the same for all
// participants. The 4-byte tag on media packets does not use it: that one is keyed with
// SRTPKeys.SRTPAuthKey.
//
// It fails with KEY_LENGTH.
//
// wacrg:CRY-05
func WARPAuthKey(out *[32]byte, key []byte) error {
	if err := callkey.Check(key); err != nil {
		clear(out[:])
		return err
	}
	secret.Do(func() { kdf.HKDF(out[:], nil, key, []byte(warpAuthLabel)) })
	return nil
}
