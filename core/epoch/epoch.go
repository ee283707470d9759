// Package epoch keeps track of the secret of a group call that is in force.
//
// A group call has no call key. Its creator, or later another member, makes a 32-byte
// epoch, numbers it with a transaction id, and sends it to each device in an
// <enc_rekey>. The server numbers the roster, the list of participants, in the same
// way. Epochs and rosters arrive in any order, late and more than once. The rules here
// make every member install the same epoch for the same roster (wacrg:CRY-06,
// wacrg:SIG-06):
//
//   - an epoch that the roster has reached is installed, unless a newer one is in
//     force;
//   - an epoch ahead of the roster waits for it, and of those that a new roster reaches
//     only the newest is installed;
//   - one number has one secret: other bytes under it are a conflict, and change nothing.
//
// This package does not check the sender of an epoch. Only the creator of the call and
// the connected members of its roster may send one, and only the app knows them.
package epoch

import (
	"crypto/subtle"
	"sync"

	"libcallkey/core/callkey"
	"libcallkey/core/secret"
	"libcallkey/core/status"
)

// MaxPending limits the epochs that wait for their roster. With honest members one or
// two wait; a hostile one must not make a device keep arbitrarily many.
const MaxPending = 8

// Epochs is the state of one group call. The zero value is a call that has neither a
// roster nor an epoch yet. Any goroutine may use it at any time.
type Epochs struct {
	mu      sync.Mutex
	roster  uint32 // the newest one's number; 0: none yet
	current numbered
	pending [MaxPending]numbered // in no order; all above roster
}

// numbered is an epoch, or an empty place: number 0 and zero bytes.
type numbered struct {
	number uint32
	secret [callkey.Bytes]byte
}

func (n *numbered) set(number uint32, epoch []byte) {
	n.number = number
	copy(n.secret[:], epoch)
}

func (n *numbered) wipe() {
	n.number = 0
	clear(n.secret[:])
}

// same returns nil if epoch is the one in n: a redelivery, which changes nothing.
func (n *numbered) same(epoch []byte) error {
	if subtle.ConstantTimeCompare(n.secret[:], epoch) != 1 {
		return status.New(status.Conflict, "epoch %d is known with other bytes", n.number)
	}
	return nil
}

// Add adds an epoch under its transaction id. A nil error means that it was accepted:
// installed, known already, or kept until the roster reaches it. At most MaxPending
// wait; beyond that the one with the largest number is dropped, even if it is this one.
// If the roster reaches it and Current does not, the app asks for it again.
//
// Errors: KEY_LENGTH; INVALID_KEY for 32 zero bytes; ARGUMENT for number 0; STALE if a newer
// epoch is installed; CONFLICT if the number is known with other bytes.
func (e *Epochs) Add(number uint32, epoch []byte) (err error) {
	if err := callkey.CheckGiven("epoch", epoch); err != nil {
		return err
	}
	if number == 0 {
		return status.New(status.Argument, "transaction_id is 0")
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	secret.Do(func() { err = e.add(number, epoch) })
	return err
}

func (e *Epochs) add(number uint32, epoch []byte) error {
	switch {
	case number < e.current.number:
		return status.New(status.Stale, "epoch %d is older than epoch %d, which is in force", number, e.current.number)
	case number == e.current.number:
		return e.current.same(epoch)
	case number <= e.roster:
		e.current.set(number, epoch)
		return nil
	}
	place := 0 // an empty one, else that of the largest number
	for i := range e.pending {
		switch n := e.pending[i].number; {
		case n == number:
			return e.pending[i].same(epoch)
		case e.pending[place].number == 0:
		case n == 0 || n > e.pending[place].number:
			place = i
		}
	}
	if largest := e.pending[place].number; largest == 0 || number < largest {
		e.pending[place].set(number, epoch)
	}
	return nil
}

// Roster sets the number of the server's roster. Of the waiting epochs that it reaches,
// the newest is installed and the others are dropped. An older or equal number changes
// nothing.
func (e *Epochs) Roster(number uint32) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if number <= e.roster {
		return
	}
	e.roster = number
	secret.Do(func() {
		for i := range e.pending {
			n := &e.pending[i]
			if n.number == 0 || n.number > number {
				continue
			}
			if n.number > e.current.number {
				e.current.set(n.number, n.secret[:])
			}
			n.wipe()
		}
	})
}

// Current sets out to the epoch in force and returns its number. It fails with
// NOT_FOUND while none is installed; then out is zero.
func (e *Epochs) Current(out *[callkey.Bytes]byte) (number uint32, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	secret.Do(func() { *out = e.current.secret })
	if e.current.number == 0 {
		return 0, status.New(status.NotFound, "no epoch is installed yet")
	}
	return e.current.number, nil
}

// Wipe erases everything: the state is that of a new call.
func (e *Epochs) Wipe() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.roster = 0
	e.current.wipe()
	for i := range e.pending {
		e.pending[i].wipe()
	}
}
