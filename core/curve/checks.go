package curve

import (
	"sync"

	"filippo.io/edwards25519/field"

	"libcallkey/core/curve/lanes"
	"libcallkey/core/status"
)

// A Check is what Validate or, with a signature, Verify does.
type Check struct {
	Public    *[Bytes]byte
	Signature *[SignatureBytes]byte // nil: Validate
	Message   []byte                // that is signed
	// Err is set by CheckAll: INVALID_KEY where Validate returns that or Verify is false.
	Err error
}

// CheckAll does the checks: eight multiplications at once where the processor can, and elsewhere
// the signatures together. All of it is public.
//
// Either way a key or a signature can only be accepted. Any other is judged by Validate or Verify:
// the one that is wrong, and the one that the formulas make an exception of.
func CheckAll(checks []Check) {
	if lanes.Available() {
		checkInLanes(checks)
	} else {
		checkTogether(checks)
	}
}

func checkInLanes(checks []Check) {
	for len(checks) > 0 {
		n, jobs := 0, 0
		for n < len(checks) && jobs+checks[n].jobs() <= chunk {
			jobs += checks[n].jobs()
			n++
		}
		var accepted [chunk]bool
		if jobs >= worthwhile {
			acceptInLanes(checks[:n], &accepted)
		}
		judgeOthers(checks[:n], &accepted)
		checks = checks[n:]
	}
}

func checkTogether(checks []Check) {
	for len(checks) > 0 {
		n := min(len(checks), chunk)
		var accepted [chunk]bool
		acceptTogether(checks[:n], &accepted)
		judgeOthers(checks[:n], &accepted)
		checks = checks[n:]
	}
}

// judgeOthers sets Err of each check.
func judgeOthers(checks []Check, accepted *[chunk]bool) {
	for i := range checks {
		c := &checks[i]
		switch {
		case accepted[i]:
			c.Err = nil
		case c.Signature == nil:
			c.Err = Validate(c.Public)
		case Verify(c.Public, c.Message, c.Signature):
			c.Err = nil
		default:
			c.Err = status.New(status.InvalidKey, "signature is wrong")
		}
	}
}

// worthwhile is the number of multiplications from which on lanes are faster than Validate and
// Verify.
const worthwhile = 4

// jobs is how many multiplications a check takes in lanes.
func (c *Check) jobs() int {
	if c.Signature == nil {
		return 1
	}
	return 2
}

// groupOrder is that of the prime-order subgroup.
var groupOrder = [Bytes]byte{
	0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 31: 0x10,
}

// acceptInLanes sets accepted for each check that Validate or Verify would accept too, but for
// exceptions.
//
// A point is in the prime-order subgroup if the group's order times the point is infinity. No
// point of the twist is, because the twist's order (4 times another prime) has no factor in common
// with it.
func acceptInLanes(checks []Check, accepted *[chunk]bool) {
	w := spareChecking.Get().(*checking)
	w.accept(checks, accepted)
	*w = checking{}
	spareChecking.Put(w)
}

// checking is what acceptInLanes works on. It is too large for a stack, like lanes.Multiply's.
type checking struct {
	jobs       [chunk]lanes.Job
	unused     [Bytes]byte
	signatures [chunk / 2]signatureCheck
}

var spareChecking = sync.Pool{New: func() any { return new(checking) }}

func (w *checking) accept(checks []Check, accepted *[chunk]bool) {
	jobs, signatures := &w.jobs, &w.signatures
	n, signed := 0, 0
	for i := range checks {
		c := &checks[i]
		if c.Signature == nil {
			jobs[n] = lanes.Job{Scalar: &groupOrder, U: c.Public, X: &w.unused}
		} else {
			jobs[n], jobs[n+1] = signatures[signed].prepare(c)
			signed++
		}
		n += c.jobs()
	}
	lanes.Multiply(jobs[:n])
	n, signed = 0, 0
	for i := range checks {
		c := &checks[i]
		if c.Signature == nil {
			accepted[i] = jobs[n].Infinite && reduced(c.Public)
		} else {
			signatures[signed].finish(jobs[n : n+2])
			signed++
		}
		n += c.jobs()
	}
	acceptSignatures(signatures[:signed])
	signed = 0
	for i := range checks {
		if checks[i].Signature != nil {
			accepted[i] = signatures[signed].accepted
			signed++
		}
	}
}

// reduced reports whether a coordinate is written as RFC 7748 writes it, and is not 0.
func reduced(public *[Bytes]byte) bool {
	var u field.Element
	u.SetBytes(public[:])
	return [Bytes]byte(u.Bytes()) == *public && *public != [Bytes]byte{} // public: a public key
}
