package offer

import (
	"libcallkey/core/callkey"
	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// SealRekeys is SealRekey for several devices, in one commit: a <call><enc_rekey> for each. A
// device that fails has no stanza, and one of the statuses of SealRekey, or DUPLICATE (named before,
// perhaps in another spelling). No ratchet moved unless the error is nil, nor that of a device
// that failed.
//
// Errors: KEY_LENGTH, INVALID_KEY (32 zero bytes), ARGUMENT (transaction 0, options, too many
// devices), NO_DEVICES (every device failed), BUFFER, STORE.
func SealRekeys(s *store.Store, jids []string, epoch []byte, transaction uint32, o *stanza.OfferOptions, capacity int) (Batch, error) {
	if err := callkey.CheckGiven("epoch", epoch); err != nil {
		return Batch{}, err
	}
	if err := stanza.CheckRekey(transaction, o); err != nil {
		return Batch{}, err
	}
	if _, err := stanza.ParseJID(o.CallCreator); err != nil {
		return Batch{}, status.New(status.Argument, "call_creator: %v", err)
	}
	f, err := newFanOut(jids)
	if err != nil {
		return Batch{}, err
	}
	wires, types, needs := make([][]byte, len(jids)), make([]stanza.EncType, len(jids)), make([]int, len(jids))
	var codes []status.Code
	err = signal.WithinNamed(s, f.names, nil, func(tx *store.Tx, devices []signal.Device) (err error) {
		// A device that needs device_identity fails alone, so its ratchet must not move.
		codes, err = f.sealKey(tx, devices, epoch, ownMemory{}, func(at int, c session.Ciphertext) (err error) {
			types[at] = encType(c)
			enc := stanza.Enc{JID: jids[at], Type: types[at], Ciphertext: c.Bytes}
			wires[at], err = stanza.BuildRekey(enc, transaction, o)
			needs[at] = len(wires[at]) + sealedBody - c.Body
			return err
		})
		if err != nil {
			return err
		}
		if err := anyOf(codes, "the epoch could not be sealed"); err != nil {
			return err
		}
		return status.Fits(needed(codes, needs), capacity, "bytes")
	})
	if err != nil {
		return failed(codes, err)
	}
	return newBatch(codes, wires, types), nil
}

// needed is the room for all devices that succeeded.
func needed(codes []status.Code, needs []int) (sum int) {
	for i, code := range codes {
		if code == status.OK {
			sum += needs[i]
		}
	}
	return sum
}
