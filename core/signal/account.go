package signal

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"libcallkey/core/protobuf"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/curve"
	"libcallkey/core/secret"
	"libcallkey/core/session"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// account is the record of the own identity and of the ids of the prekeys.
type account struct {
	session.Account

	nextPrekey       uint32 // id of the next one-time prekey
	largestPrekey    uint32 // largest id of any one-time prekey made
	nextSignedPrekey uint32
	unpublished      numbers        // made by AddPrekeys, not yet named to Publish
	published        numbers        // on a server; some may be used up already
	signed           []signedPrekey // oldest first; the last one is in use
}

type signedPrekey struct {
	id      uint32
	since   int64   // Unix seconds since it is in use
	bundled numbers // the one-time prekeys of its bundles
}

const (
	accountName = "own"
	accountLock = "account"

	accountRegistration = 1
	accountIdentity     = 2
	accountNextPrekey   = 3
	accountNextSigned   = 4
	accountOffered      = 5 // version 0.2 only: made and in no bundle yet
	accountSigned       = 6
	accountPublic       = 7
	accountUnpublished  = 8
	accountPublished    = 9
	accountLargest      = 10

	spanFirst = 1
	spanCount = 2

	signedID      = 1
	signedSince   = 2
	signedBundled = 3

	// maxPrekeyID is the largest id of a prekey: 24 bits.
	maxPrekeyID = 1<<24 - 1
	// maxRegistrationID is the largest registration id that we make: 14 bits.
	maxRegistrationID = 16380
)

// newAccount is not inlined, so that the account is on the heap: a stack that grows
// leaves behind an old copy that is never wiped.
//
//go:noinline
func newAccount(registrationID uint32) *account {
	return &account{Account: session.Account{RegistrationID: registrationID}, nextPrekey: 1, nextSignedPrekey: 1}
}

func (a *account) encode(b []byte) []byte {
	e := protobuf.Encoder{B: b}
	e.Number(accountRegistration, uint64(a.RegistrationID))
	e.Bytes(accountIdentity, a.Private[:])
	e.Bytes(accountPublic, a.Public[:])
	e.Number(accountNextPrekey, uint64(a.nextPrekey))
	e.Number(accountNextSigned, uint64(a.nextSignedPrekey))
	e.Number(accountLargest, uint64(a.largestPrekey))
	encodeNumbers(&e, accountUnpublished, a.unpublished)
	encodeNumbers(&e, accountPublished, a.published)
	for i := range a.signed {
		a.signed[i].encode(&e)
	}
	return e.B
}

func (p *signedPrekey) encode(e *protobuf.Encoder) {
	mark := e.Begin(accountSigned)
	e.Number(signedID, uint64(p.id))
	e.Number(signedSince, uint64(p.since))
	encodeNumbers(e, signedBundled, p.bundled)
	e.End(mark)
}

func encodeNumbers(e *protobuf.Encoder, n protowire.Number, set numbers) {
	for _, s := range set {
		mark := e.Begin(n)
		e.Number(spanFirst, uint64(s.first))
		e.Number(spanCount, uint64(s.count))
		e.End(mark)
	}
}

// numbers adds a span to the set.
func decodeNumbers(f protobuf.Field, set *numbers) error {
	var first, count uint32
	err := f.Fields(func(f protobuf.Field) (err error) {
		switch f.Number {
		case spanFirst:
			err = f.Uint32(&first)
		case spanCount:
			err = f.Uint32(&count)
		default:
			err = protobuf.Unknown("prekey numbers")
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case first == 0 || count == 0 || uint64(first)+uint64(count) > maxPrekeyID+1:
		return malformed("prekey ids are above the limit")
	}
	set.add(span{first, count})
	return nil
}

// prekeyNumber reads the number of a prekey.
func decodePrekeyNumber(f protobuf.Field, to *uint32) error {
	var n uint32
	if err := f.Uint32(&n); err != nil {
		return err
	}
	if n == 0 || n > maxPrekeyID {
		return malformed("a prekey id is 0 or above the limit")
	}
	*to = n
	return nil
}

func (p *signedPrekey) decode(f protobuf.Field) error {
	return f.Fields(func(f protobuf.Field) (err error) {
		switch f.Number {
		case signedID:
			err = decodePrekeyNumber(f, &p.id)
		case signedSince:
			err = f.UnixTime(&p.since)
		case signedBundled:
			err = decodeNumbers(f, &p.bundled)
		default:
			err = protobuf.Unknown("signed prekey")
		}
		return err
	})
}

func decodeAccount(b []byte) (*account, error) {
	var a account
	err := protobuf.Fields(b, func(f protobuf.Field) (err error) {
		switch f.Number {
		case accountRegistration:
			err = f.Uint32(&a.RegistrationID)
		case accountIdentity:
			err = f.Key(&a.Private)
		case accountPublic:
			err = f.Key(&a.Public)
		case accountNextPrekey:
			err = decodePrekeyNumber(f, &a.nextPrekey)
		case accountNextSigned:
			err = decodePrekeyNumber(f, &a.nextSignedPrekey)
		case accountLargest:
			err = f.Uint32(&a.largestPrekey)
		case accountUnpublished:
			err = decodeNumbers(f, &a.unpublished)
		case accountPublished, accountOffered:
			// It is unknown which of the offered were published. None is published
			// twice.
			err = decodeNumbers(f, &a.published)
		case accountSigned:
			a.signed = append(a.signed, signedPrekey{})
			err = a.signed[len(a.signed)-1].decode(f)
		default:
			err = protobuf.Unknown("account")
		}
		return err
	})
	switch {
	case err != nil:
	case a.nextPrekey == 0 || a.nextSignedPrekey == 0:
		err = malformed("account lacks its prekey ids")
	case a.largestPrekey == 0: // version 0.2
		a.largestPrekey = a.nextPrekey - 1
	}
	if err != nil {
		a.Wipe()
		return nil, storedError("account", err)
	}
	return &a, nil
}

// loadAccount returns the own account. Errors: NO_IDENTITY, UNSUPPORTED, STORE,
// STORE_CORRUPT.
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
	encoded := make([]byte, 0, a.sizeHint())
	secret.Do(func() { encoded = a.encode(encoded) })
	tx.Put(store.Account, accountName, encoded)
}

// sizeHint is an upper bound for encode.
func (a *account) sizeHint() int {
	n := 192 + 24*(len(a.unpublished)+len(a.published)+len(a.signed))
	for _, p := range a.signed {
		n += 24 * len(p.bundled)
	}
	return n
}

// readAccount runs work on the account, which it does not change.
func readAccount(s *store.Store, work func(tx *store.Tx, a *account) error) error {
	return s.Update(func(tx *store.Tx) error {
		a, err := loadAccount(tx)
		if err != nil {
			return err
		}
		defer a.Wipe()
		return work(tx, a)
	})
}

// changeAccount runs work on the account and stages it; no other call changes it or
// holds one of the locks meanwhile.
func changeAccount(s *store.Store, work func(tx *store.Tx, a *account) error, locks ...string) error {
	held := s.Lock(append(locks, accountLock)...)
	defer held.Unlock()
	return held.Update(func(tx *store.Tx) error {
		a, err := loadAccount(tx)
		if err != nil {
			return err
		}
		defer a.Wipe()
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

// OwnIdentity returns the store's identity. Errors: NO_IDENTITY, UNSUPPORTED, STORE,
// STORE_CORRUPT.
func OwnIdentity(s *store.Store) (id Identity, err error) {
	err = readAccount(s, func(tx *store.Tx, a *account) error {
		id = Identity{a.RegistrationID, a.Public}
		return nil
	})
	return id, err
}

// OwnAccount writes the store's private identity key to private and returns the registration id.
// Errors: NO_IDENTITY, UNSUPPORTED, STORE, STORE_CORRUPT.
func OwnAccount(s *store.Store, private *[32]byte) (registrationID uint32, err error) {
	err = readAccount(s, func(_ *store.Tx, a *account) error {
		registrationID = a.RegistrationID
		secret.Do(func() { *private = a.Private })
		return nil
	})
	return registrationID, err
}

// findIdentity returns NOT_FOUND if there is no identity: a crash may have left the file
// without one.
func findIdentity(s *store.Store) error {
	_, err := OwnIdentity(s)
	if status.Of(err) == status.NoIdentity {
		return status.New(status.NotFound, "the store has no identity")
	}
	return err
}

// makeIdentity makes the identity of a store that has none.
func makeIdentity(s *store.Store) error {
	a := newAccount(newRegistrationID())
	defer a.Wipe()
	curve.Generate(&a.Private, &a.Public)
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

// ImportIdentity sets the identity of a store that has none. The same identity again is
// no error. Errors: CONFLICT (the store has another identity), STORE, STORE_CORRUPT.
func ImportIdentity(s *store.Store, private *[32]byte, registrationID uint32) error {
	a := newAccount(registrationID)
	defer a.Wipe()
	secret.Do(func() {
		a.Private = *private
		curve.Clamp(&a.Private)
		curve.Public(&a.Public, &a.Private)
	})
	return setIdentity(s, a)
}

func setIdentity(s *store.Store, a *account) error {
	held := s.Lock(accountLock)
	defer held.Unlock()
	return held.Update(func(tx *store.Tx) error {
		had, err := loadAccount(tx)
		switch {
		case status.Of(err) == status.NoIdentity:
			a.stage(tx)
			return nil
		case err != nil:
			return err
		}
		defer had.Wipe()
		if had.RegistrationID == a.RegistrationID && subtle.ConstantTimeCompare(had.Private[:], a.Private[:]) == 1 {
			return nil
		}
		return status.New(status.Conflict, "the store has another identity")
	})
}

// forget removes an id from the records of its old prekey, because a new prekey gets it.
func (a *account) forget(id uint32) {
	a.unpublished.remove(id)
	a.published.remove(id)
	for i := range a.signed {
		a.signed[i].bundled.remove(id)
	}
}

// inBundle reports whether the prekey belongs to a bundle.
func (a *account) inBundle(id uint32) bool {
	return slices.ContainsFunc(a.signed, func(p signedPrekey) bool { return p.bundled.has(id) })
}

// following returns the prekey id after id; after the last comes 1.
func following(id uint32) uint32 {
	if id >= maxPrekeyID {
		return 1
	}
	return id + 1
}
