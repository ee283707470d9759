package selftest

import (
	"bytes"

	"libcallkey/core/sframe"
	"libcallkey/core/status"
)

const (
	sframeKey     = "e77cc4666a53d2264ba278b3e2b9ba1cc41ac0e3b587b09db3dd3fa646d51ae9"
	sframePayload = "102132435465768798a9bacb"
)

var sframePrimitives = []primitive{
	// Captured from a real client: a frame, and the payload that comes out of it. One with a bit
	// of its tag flipped is not opened.
	{"SFrame", "e5ef789f9fa501842a9ff5f54cc12a630d12008f1bb39060c951724f050003" + sframePayload, func() []byte {
		key, payload := unhex(sframeKey), unhex(sframePayload)
		sealed, err := sframe.Seal(nil, key, payload, 5, 0)
		if err != nil {
			return nil
		}
		opened, err := sframe.Open(nil, key, sealed)
		if err != nil || opened.Counter != 5 || opened.KeyID != 0 {
			return nil
		}
		flipped := bytes.Clone(sealed)
		flipped[len(payload)] ^= 1
		if _, err := sframe.Open(nil, key, flipped); status.Of(err) != status.Authentication {
			return nil
		}
		return append(sealed, opened.Payload...)
	}},
}
