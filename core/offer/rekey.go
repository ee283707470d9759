package offer

import (
	"libcallkey/core/callkey"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// SealRekey seals a group's epoch for one device and builds the <call><enc_rekey> that
// carries it (wacrg:CRY-06, wacrg:SIG-06). capacity is as in SealEnc. Nothing changed
// unless the error is nil.
//
// Errors: KEY_LENGTH, INVALID_KEY (32 zero bytes), ARGUMENT (transaction 0, jid, options),
// BUFFER, NO_SESSION, UNTRUSTED_IDENTITY, DEVICE_IDENTITY, STORE, STORE_CORRUPT.
func SealRekey(s *store.Store, jid string, epoch []byte, transaction uint32, o *stanza.OfferOptions, capacity int) (wire []byte, err error) {
	if err := callkey.CheckGiven("epoch", epoch); err != nil {
		return nil, err
	}
	if err := stanza.CheckRekey(transaction, o); err != nil {
		return nil, err
	}
	one := keyMessage{key: epoch}
	if one.to[0], err = named(jid); err != nil {
		return nil, err
	}
	err = signal.WithinNamed(s, one.to[:], nil, func(tx *store.Tx, devices []signal.Device) error {
		c, err := one.seal(tx, devices[0])
		if err != nil {
			return err
		}
		enc := stanza.Enc{JID: jid, Type: encType(c), Ciphertext: c.Bytes}
		if wire, err = stanza.BuildRekey(enc, transaction, o); err != nil {
			return err
		}
		return status.Fits(len(wire)+sealedBody-c.Body, capacity, "bytes")
	})
	if err != nil {
		return nil, err
	}
	return wire, nil
}

// OpenRekey opens the epoch in an <enc_rekey>. sender and Info are as in Open. It does
// not check whether the sender may rekey the call.
//
// Errors: those of stanza.ParseRekey and OpenEnc; ARGUMENT and CONFLICT as in Open.
func OpenRekey(s *store.Store, out *[callkey.Bytes]byte, wire []byte, sender string) (Info, error) {
	clear(out[:])
	named, err := namedBy(sender)
	if err != nil {
		return Info{}, err
	}
	said, ciphertext, err := stanza.ParseRekey(wire)
	if err != nil {
		return Info{Info: said}, err
	}
	return openFrom(s, out, said, ciphertext, named)
}
