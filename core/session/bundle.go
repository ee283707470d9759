package session

import (
	"libcallkey/core/curve"
	"libcallkey/core/status"
)

// Bundle is published by a device so that others can begin a session with it. Public
// keys are raw 32-byte X25519.
type Bundle struct {
	RegistrationID uint32
	PrekeyID       uint32 // 0: no one-time prekey
	SignedPrekeyID uint32
	IdentityKey    [32]byte
	Prekey         [32]byte
	SignedPrekey   [32]byte
	Signature      [64]byte // of the signed prekey with its type byte, by IdentityKey
}

// Check returns INVALID_KEY for keys that no honest device makes and for a wrong
// signature.
func (b *Bundle) Check() error {
	var errs [1]error
	CheckAll([]*Bundle{b}, errs[:])
	return errs[0]
}

// together is how many bundles are checked, or sessions begun, at once: their multiplications
// fill the processor's lanes.
const together = 8

// What is checked of a bundle, in the order of the errors.
const (
	identityKey = iota
	signedPrekey
	oneTimePrekey
	prekeySignature
	bundleChecks
)

// Given returns the bundles of a list that are not nil, and their places in it.
func Given(bundles []*Bundle) (given []*Bundle, places []int) {
	given, places = make([]*Bundle, 0, len(bundles)), make([]int, 0, len(bundles))
	for i, b := range bundles {
		if b != nil {
			given, places = append(given, b), append(places, i)
		}
	}
	return given, places
}

// CheckAll sets errs[i] to what Check returns for bundles[i]. It is faster than Check for each.
func CheckAll(bundles []*Bundle, errs []error) {
	for len(bundles) > 0 {
		n := min(len(bundles), together)
		var checks [together * bundleChecks]curve.Check
		var typed [together][1 + curve.Bytes]byte
		all := checks[:0]
		for i, b := range bundles[:n] {
			typed[i] = curve.Typed(&b.SignedPrekey)
			prekey := &b.Prekey
			if b.PrekeyID == 0 {
				prekey = &b.SignedPrekey // there is none: it is checked before
			}
			all = append(all,
				curve.Check{Public: &b.IdentityKey},
				curve.Check{Public: &b.SignedPrekey},
				curve.Check{Public: prekey},
				curve.Check{Public: &b.IdentityKey, Message: typed[i][:], Signature: &b.Signature})
		}
		curve.CheckAll(all)
		for i := range n {
			errs[i] = bundleError(all[bundleChecks*i:])
		}
		bundles, errs = bundles[n:], errs[n:]
	}
}

// bundleError returns the error of the first check that failed.
func bundleError(checks []curve.Check) error {
	for i, what := range [...]string{"identity key", "signed prekey", "one-time prekey"} {
		if err := checks[i].Err; err != nil {
			return status.New(status.InvalidKey, "bundle's %s: %v", what, err)
		}
	}
	if checks[prekeySignature].Err != nil {
		return status.New(status.InvalidKey, "bundle's signed prekey is not signed by its identity key")
	}
	return nil
}
