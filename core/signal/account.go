package signal

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/curve"
	"libcallkey/core/secret"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// account is the record of the own identity and of which prekeys are numbered how.
type account struct {
	registrationID  uint32
	identityPrivate [32]byte
	identityPublic  [32]byte

	nextPrekey       uint32 // number of the next one-time prekey
	nextSignedPrekey uint32
	offered          []span         // one-time prekeys no bundle was made with yet, in order
	signed           []signedPrekey // oldest first; the last one is in use
}

// span is count prekeys with the numbers from first on.
type span struct{ first, count uint32 }

type signedPrekey struct {
	id    uint32
	since int64 // Unix seconds from which it is in use
}

const (
	accountName = "own"
	accountLock = "account"

	accountRegistration = 1
	accountIdentity     = 2
	accountNextPrekey   = 3
	accountNextSigned   = 4
	accountOffered      = 5
	accountSigned       = 6
	accountPublic       = 7

	pairFirst  = 1
	pairSecond = 2

	// maxPrekeyID is the largest number of a prekey: 24 bits.
	maxPrekeyID = 1<<24 - 1
	// maxRegistrationID is the largest registration id that is made: 14 bits.
	maxRegistrationID = 16380
)

// newAccount is not inlined, so that the account is on the heap: when a stack grows, what
// was on it stays behind in a copy that nobody wipes.
//
//go:noinline
func newAccount(registrationID uint32) *account {
	return &account{registrationID: registrationID, nextPrekey: 1, nextSignedPrekey: 1}
}

func (a *account) encode(b []byte) []byte {
	e := encoder{b}
	e.number(accountRegistration, uint64(a.registrationID))
	e.bytes(accountIdentity, a.identityPrivate[:])
	e.bytes(accountPublic, a.identityPublic[:])
	e.number(accountNextPrekey, uint64(a.nextPrekey))
	e.number(accountNextSigned, uint64(a.nextSignedPrekey))
	for _, s := range a.offered {
		e.pair(accountOffered, uint64(s.first), uint64(s.count))
	}
	for _, s := range a.signed {
		e.pair(accountSigned, uint64(s.id), uint64(s.since))
	}
	return e.b
}

func (e *encoder) pair(n protowire.Number, first, second uint64) {
	mark := e.begin(n)
	e.number(pairFirst, first)
	e.number(pairSecond, second)
	e.end(mark)
}

func (f field) pair() (first, second uint64, err error) {
	body, err := f.bytes()
	if err != nil {
		return 0, 0, err
	}
	err = fields(body, func(f field) (err error) {
		switch f.number {
		case pairFirst:
			first, err = f.uint32()
		case pairSecond:
			second, err = f.varint()
		}
		return err
	})
	return first, second, err
}

func decodeAccount(b []byte) (*account, error) {
	var a account
	err := fields(b, func(f field) (err error) {
		var n, second uint64
		switch f.number {
		case accountRegistration:
			n, err = f.uint32()
			a.registrationID = uint32(n)
		case accountIdentity:
			a.identityPrivate, err = f.key()
		case accountPublic:
			a.identityPublic, err = f.key()
		case accountNextPrekey:
			n, err = f.uint32()
			a.nextPrekey = uint32(n)
		case accountNextSigned:
			n, err = f.uint32()
			a.nextSignedPrekey = uint32(n)
		case accountOffered:
			n, second, err = f.pair()
			if err == nil && (second == 0 || n+second > maxPrekeyID+1) {
				err = malformed("prekeys numbered beyond the last")
			}
			a.offered = append(a.offered, span{uint32(n), uint32(second)})
		case accountSigned:
			n, second, err = f.pair()
			a.signed = append(a.signed, signedPrekey{uint32(n), int64(second)})
		}
		return err
	})
	if err != nil {
		a.wipe()
		return nil, status.New(status.StoreCorrupt, "stored account does not parse: %v", err)
	}
	return &a, nil
}

func (a *account) wipe() { clear(a.identityPrivate[:]) }

// loadAccount is the own account. Errors: NO_IDENTITY, STORE, STORE_CORRUPT.
func loadAccount(tx *store.Tx) (*account, error) {
	encoded, err := tx.Get(store.Account, accountName)
	if err != nil {
		return nil, err
	}
	if encoded == nil {
		return nil, status.New(status.NoIdentity, "the store has no identity yet")
	}
	defer secret.Wipe(encoded)
	var a *account
	err = erasing(func() (err error) { a, err = decodeAccount(encoded); return err })
	return a, err
}

func (a *account) stage(tx *store.Tx) {
	encoded := make([]byte, 0, 128+24*(len(a.offered)+len(a.signed)))
	secret.Do(func() { encoded = a.encode(encoded) })
	tx.Put(store.Account, accountName, encoded)
}

// changeAccount runs work on the account and stages it, with no other call between.
func changeAccount(s *store.Store, work func(tx *store.Tx, a *account) error) error {
	defer s.Lock(accountLock)()
	return s.Update(func(tx *store.Tx) error {
		a, err := loadAccount(tx)
		if err != nil {
			return err
		}
		defer a.wipe()
		if err := work(tx, a); err != nil {
			return err
		}
		a.stage(tx)
		return nil
	})
}

// Identity is the own identity: public.
type Identity struct {
	RegistrationID uint32
	PublicKey      [32]byte
}

// OwnIdentity is the store's identity. Errors: NO_IDENTITY, STORE, STORE_CORRUPT.
func OwnIdentity(s *store.Store) (id Identity, err error) {
	err = s.Update(func(tx *store.Tx) error {
		a, err := loadAccount(tx)
		if err != nil {
			return err
		}
		defer a.wipe()
		id = Identity{a.registrationID, a.identityPublic}
		return nil
	})
	return id, err
}

// findIdentity is NOT_FOUND where there is no identity: a crash may have made the file and
// not yet the identity.
func findIdentity(s *store.Store) error {
	_, err := OwnIdentity(s)
	if status.Of(err) == status.NoIdentity {
		return status.New(status.NotFound, "the store has no identity")
	}
	return err
}

// makeIdentity gives a store that has no identity one.
func makeIdentity(s *store.Store) error {
	a := newAccount(newRegistrationID())
	defer a.wipe()
	curve.Generate(&a.identityPrivate, &a.identityPublic)
	err := setIdentity(s, a)
	if status.Of(err) == status.Conflict {
		return nil // it has one
	}
	return err
}

func newRegistrationID() uint32 {
	var b [4]byte
	rand.Read(b[:])
	return 1 + binary.LittleEndian.Uint32(b[:])%maxRegistrationID
}

// ImportIdentity sets the identity of a store that has none. The same identity again
// is fine. Errors: CONFLICT (the store has another identity), STORE, STORE_CORRUPT.
func ImportIdentity(s *store.Store, private *[32]byte, registrationID uint32) error {
	a := newAccount(registrationID)
	defer a.wipe()
	secret.Do(func() {
		a.identityPrivate = *private
		curve.Clamp(&a.identityPrivate)
		curve.Public(&a.identityPublic, &a.identityPrivate)
	})
	return setIdentity(s, a)
}

func setIdentity(s *store.Store, a *account) error {
	defer s.Lock(accountLock)()
	return s.Update(func(tx *store.Tx) error {
		had, err := loadAccount(tx)
		switch {
		case status.Of(err) == status.NoIdentity:
			a.stage(tx)
			return nil
		case err != nil:
			return err
		}
		defer had.wipe()
		if had.registrationID == a.registrationID && subtle.ConstantTimeCompare(had.identityPrivate[:], a.identityPrivate[:]) == 1 {
			return nil
		}
		return status.New(status.Conflict, "the store has another identity")
	})
}

// takePrekey is the number of the next prekey no bundle was made with, 0 if none is left.
func (a *account) takePrekey() uint32 {
	if len(a.offered) == 0 {
		return 0
	}
	s := &a.offered[0]
	id := s.first
	s.first++
	if s.count--; s.count == 0 {
		a.offered = slices.Delete(a.offered, 0, 1)
	}
	return id
}

// offer notes a prekey for a later bundle.
func (a *account) offer(id uint32) {
	if n := len(a.offered); n > 0 && a.offered[n-1].first+a.offered[n-1].count == id {
		a.offered[n-1].count++
		return
	}
	a.offered = append(a.offered, span{id, 1})
}

// following is the prekey number after id; after the last comes 1.
func following(id uint32) uint32 {
	if id >= maxPrekeyID {
		return 1
	}
	return id + 1
}
