package curve

import (
	"slices"

	"libcallkey/core/curve/lanes"
	"libcallkey/core/secret"
)

// An Agreement is one of several that do not depend on each other.
type Agreement struct {
	Shared  *[Bytes]byte // receives the shared secret, or the public key
	Private *[Bytes]byte
	Public  *[Bytes]byte // nil: Shared becomes the public key of Private
	// LowOrder is set by AgreeAll where Agree is INVALID_KEY; Shared is zero then.
	LowOrder bool
}

// chunk is how many multiplications are prepared at once.
const chunk = 4 * lanes.Width

// basePoint is the base point's coordinate (RFC 7748 §4.1).
var basePoint = [Bytes]byte{9}

// AgreeAll does what Agree and Public do, eight at once where the processor can.
func AgreeAll(agreements []Agreement) {
	secret.Do(func() {
		if lanes.Available() && lanesAreFaster(agreements) {
			agreeInLanes(agreements)
			return
		}
		for len(agreements) > 0 {
			n := min(len(agreements), chunk)
			agreeByTables(agreements[:n])
			agreements = agreements[n:]
		}
	})
}

// lanesAreFaster compares eight multiplications in lanes, which take as long as one agreement, with
// one at a time. Eight key pairs take less than that (multipleOfBase), but with an agreement they
// cost nothing.
func lanesAreFaster(agreements []Agreement) bool {
	agrees := func(a Agreement) bool { return a.Public != nil }
	return len(agreements) > 1 && slices.ContainsFunc(agreements, agrees)
}

// agreeInLanes reads the inputs of a chunk before it writes a result.
func agreeInLanes(agreements []Agreement) {
	var jobs [chunk]lanes.Job
	for len(agreements) > 0 {
		n := min(len(agreements), chunk)
		for i := range n {
			a := &agreements[i]
			jobs[i] = lanes.Job{Scalar: a.Private, Clamp: true, U: a.Public, X: a.Shared}
			if a.Public == nil {
				jobs[i].U = &basePoint
			}
		}
		lanes.Multiply(jobs[:n])
		for i := range n {
			agreements[i].LowOrder = secret.IsZero(agreements[i].Shared[:])
		}
		agreements = agreements[n:]
	}
}
