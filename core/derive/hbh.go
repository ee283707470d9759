package derive

import (
	"libcallkey/core/kdf"
	"libcallkey/core/secret"
	"libcallkey/core/status"
)

// HBH selects one set of hop-by-hop keys, the keys between a client and the relay.
type HBH uint32

const (
	HBHUplink   HBH = 0 // SRTCP from the client to the relay
	HBHDownlink HBH = 1 // SRTCP from the relay to the client
	HBHSRTP     HBH = 2 // SRTP, both ways
	HBHSRTCP    HBH = 3 // SRTCP, both ways
)

// hbhLabels are the info inputs for the salt and the key.
var hbhLabels = [...]struct{ salt, key string }{
	HBHUplink:   {"uplink hbh srtcp salt", "uplink hbh srtcp key"},
	HBHDownlink: {"downlink hbh srtcp salt", "downlink hbh srtcp key"},
	HBHSRTP:     {"hbh srtp salt", "hbh srtp key"},
	HBHSRTCP:    {"hbh srtcp salt", "hbh srtcp key"},
}

// HBHKeys sets out to one set of hop-by-hop keys. They come from the 30-byte key that
// the relay sent (14 bytes of salt seed, then 16 of key seed), not from the call key,
// so the relay knows them.
//
//	salt        = HKDF(salt none, IKM salt seed, info label ‖ " salt", 32 bytes)
//	master keys = HKDF(salt,      IKM key seed,  info label ‖ " key",  30 bytes)
//
// It fails with ARGUMENT if which is not one of the four.
//
// wacrg:CRY-03
func HBHKeys(out *SRTPKeys, hbhKey *[30]byte, which HBH) error {
	if which > HBHSRTCP {
		*out = SRTPKeys{}
		return status.New(status.Argument, "hop-by-hop key %d is unknown", uint32(which))
	}
	label := &hbhLabels[which]
	secret.Do(func() {
		var salt [kdf.Size]byte
		var master [30]byte
		kdf.HKDF(salt[:], nil, hbhKey[:14], []byte(label.salt))
		kdf.HKDF(master[:], salt[:], hbhKey[14:], []byte(label.key))
		out.setMaster(&master)
		clear(salt[:])
		clear(master[:])
	})
	return nil
}
