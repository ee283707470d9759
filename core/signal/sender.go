package signal

import (
	"strings"

	"libcallkey/core/curve"
	"libcallkey/core/secret"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Identity returns the identity key in a prekey message, which is not authenticated
// before the message opens. It is zero for a plain message.
func (in *Incoming) Identity() (key [32]byte) {
	if in.prekey != nil {
		key = in.prekey.identity
	}
	return key
}

// DecryptKnown is Decrypt if it is unclear which of the devices sent the message. A plain
// message is tried on the sessions with each in turn; a prekey message only on devices
// with its identity as their trusted one. No device gets a new identity: one that none of
// them has is CONFLICT. sender is the index of the device that the result is about.
//
// Errors: those of Decrypt, and CONFLICT.
func (in *Incoming) DecryptKnown(tx *store.Tx, devices []Device) (sender int, plaintext []byte, err error) {
	candidates := make([]int, len(devices))
	for i := range devices {
		candidates[i] = i
	}
	if in.prekey != nil {
		if candidates, err = in.prekey.known(tx, devices); err != nil {
			return 0, nil, err
		}
	}
	in.left = messageBudget // for all of them together, to bound the cost of a forgery
	worst := status.New(status.NoSession, "no session with the sender")
	for _, i := range candidates {
		plaintext, err := in.openFrom(tx, devices[i])
		if err == nil {
			return i, plaintext, nil
		}
		if telling(err) > telling(worst) {
			sender, worst = i, err
		}
	}
	return sender, nil, worst
}

// telling orders the errors of several devices for one message, like weight for states: a
// record that could not be read comes before one that the message does not belong to.
func telling(err error) int {
	switch status.Of(err) {
	case status.NoSession:
		return -1
	case status.Store, status.StoreCorrupt, status.Busy:
		return 1
	}
	return weight(err)
}

// known returns the devices with the message's identity as their trusted one. If some of
// them have the message's session, only these: no other device begins it again.
func (p *prekeyMessage) known(tx *store.Tx, devices []Device) (known []int, err error) {
	var in []int
	for i, d := range devices {
		trusted, err := loadIdentity(tx, d)
		switch {
		case err != nil:
			return nil, err
		case string(trusted) != string(p.identity[:]): // public: identity keys
			continue
		}
		known = append(known, i)
		has, err := p.begun(tx, d)
		if err != nil {
			return nil, err
		}
		if has {
			in = append(in, i)
		}
	}
	switch {
	case len(in) != 0:
		return in, nil
	case len(known) != 0:
		return known, nil
	}
	if err := curve.Validate(&p.identity); err != nil {
		return nil, status.New(status.InvalidKey, "sender's identity key: %v", err)
	}
	return nil, status.New(status.Conflict, "the stanza names different users as its sender, and none of them is known to have this identity key: pass the sender's JID")
}

// begun reports whether a device has the message's session.
func (p *prekeyMessage) begun(tx *store.Tx, d Device) (has bool, err error) {
	encoded, err := tx.Get(store.Sessions, string(d))
	if err != nil {
		return false, err
	}
	defer secret.Wipe(encoded)
	r := newRecord()
	defer r.release()
	err = erasing(func() error {
		if err := r.decodeStored(encoded, false); err != nil {
			return err
		}
		has = len(p.statesOf(r)) != 0
		return nil
	})
	return has, err
}

// Name returns the user's part of a device's name, as in Address.
func (d Device) Name() string {
	name, _, _ := strings.Cut(string(d), ":")
	return name
}
