package selftest

import (
	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/signal"
	"libcallkey/core/store"
)

var sessionPrimitives = []primitive{
	// One call key from a caller to a callee and back: it comes out as it went in, twice.
	{"Signal session", counting + counting, func() []byte {
		const callerJID, calleeJID = "111111111111111:1@lid", "222222222222222:2@lid"
		caller, err := signal.OpenStore("", nil, store.Options{Memory: true})
		if err != nil {
			return nil
		}
		defer caller.Close()
		callee, err := signal.OpenStore("", nil, store.Options{Memory: true})
		if err != nil {
			return nil
		}
		defer callee.Close()
		if _, err := signal.AddPrekeys(callee, 1); err != nil {
			return nil
		}
		bundle, err := signal.TakeBundle(callee)
		if err != nil || signal.Begin(caller, signal.Address{Name: "222222222222222_1", Device: 2}, &bundle) != nil {
			return nil
		}
		return append(delivered(caller, callee, calleeJID, callerJID), delivered(callee, caller, callerJID, calleeJID)...)
	}},
}

// delivered is the call key that one device opens of what another one seals; nil if either
// fails.
func delivered(from, to *store.Store, toJID, fromJID string) []byte {
	ciphertext, kind, err := offer.SealEnc(from, toJID, countingKey, -1)
	if err != nil {
		return nil
	}
	var opened [callkey.Bytes]byte
	if offer.OpenEnc(to, &opened, fromJID, kind, 2, ciphertext) != nil {
		return nil
	}
	return opened[:]
}
