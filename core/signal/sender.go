package signal

import (
	"strings"

	"libcallkey/core/session"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Identity returns the identity key in a prekey message, which is not authenticated
// before the message opens. It is zero for a plain message.
func (in *Incoming) Identity() (key [32]byte) {
	if in.first != nil {
		key = in.first.Identity
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
	if in.first != nil {
		if candidates, err = in.known(tx, devices); err != nil {
			return 0, nil, err
		}
	}
	in.left = session.MessageBudget // for all of them together, to bound the cost of a forgery
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
	return session.Weight(err)
}

// known returns the devices with the message's identity as their trusted one. If some of
// them have the message's session, only these: no other device begins it again.
func (in *Incoming) known(tx *store.Tx, devices []Device) (known []int, err error) {
	var begun []int
	for i, d := range devices {
		trusted, err := loadIdentity(tx, d)
		switch {
		case err != nil:
			return nil, err
		case string(trusted) != string(in.first.Identity[:]): // public: identity keys
			continue
		}
		known = append(known, i)
		has, err := in.begun(tx, d)
		if err != nil {
			return nil, err
		}
		if has {
			begun = append(begun, i)
		}
	}
	switch {
	case len(begun) != 0:
		return begun, nil
	case len(known) != 0:
		return known, nil
	}
	if err := in.message.Trusted(nil); err != nil {
		return nil, err
	}
	return nil, status.New(status.Conflict, "the stanza names different users as its sender, and none of them is known to have this identity key: pass the sender's JID")
}

// begun reports whether a device has the message's session.
func (in *Incoming) begun(tx *store.Tx, d Device) (bool, error) {
	r, err := in.loadRecord(tx, d)
	if err != nil {
		return false, err
	}
	defer r.Release()
	return r.Has(&in.message), nil
}

// Name returns the user's part of a device's name, as in Address.
func (d Device) Name() string {
	name, _, _ := strings.Cut(string(d), ":")
	return name
}
