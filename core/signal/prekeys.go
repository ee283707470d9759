package signal

import (
	"crypto/subtle"
	"slices"
	"time"

	"libcallkey/core/curve"
	"libcallkey/core/secret"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// MaxPrekeys is how many one-time prekeys one call can make.
const MaxPrekeys = 1 << 16

// keepSigned is how long a signed prekey that was replaced still opens messages.
const keepSigned = 30 * 24 * time.Hour

// Prekey is a one-time prekey's public part.
type Prekey struct {
	ID        uint32
	PublicKey [32]byte
}

// SignedPrekey is a signed prekey's public part.
type SignedPrekey struct {
	ID        uint32
	PublicKey [32]byte
	Signature [64]byte
}

// AddPrekeys makes n one-time prekeys. TakeBundle hands them out in their order.
// Errors: ARGUMENT (n), NO_IDENTITY, STORE, STORE_CORRUPT.
func AddPrekeys(s *store.Store, n int) ([]Prekey, error) {
	if n < 0 || n > MaxPrekeys {
		return nil, status.New(status.Argument, "%d prekeys asked for, %d is the most", n, MaxPrekeys)
	}
	made := make([]Prekey, n)
	err := changeAccount(s, func(tx *store.Tx, a *account) error {
		for i := range made {
			id, err := freeNumber(tx, store.Prekeys, &a.nextPrekey)
			if err != nil {
				return err
			}
			made[i] = Prekey{ID: id}
			stageKeyPair(tx, store.Prekeys, id, &made[i].PublicKey)
			a.offer(id)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

// freeNumber takes the next number that no stored prekey has.
func freeNumber(tx *store.Tx, t store.Table, next *uint32) (uint32, error) {
	for range maxPrekeyID {
		id := *next
		*next = following(id)
		row, err := tx.Get(t, prekeyName(id))
		if err != nil {
			return 0, err
		}
		if row == nil {
			return id, nil
		}
		secret.Wipe(row)
	}
	return 0, status.New(status.Store, "every prekey number is in use")
}

func stageKeyPair(tx *store.Tx, t store.Table, id uint32, public *[32]byte) {
	private := make([]byte, curve.Bytes)
	secret.Do(func() { curve.Generate((*[32]byte)(private), public) })
	tx.Put(t, prekeyName(id), private)
}

// RotateSignedPrekey makes a new signed prekey for the bundles from now on. The ones
// before it go on opening messages for 30 days.
// Errors: NO_IDENTITY, STORE, STORE_CORRUPT.
func RotateSignedPrekey(s *store.Store) (made SignedPrekey, err error) {
	err = changeAccount(s, func(tx *store.Tx, a *account) error {
		made, err = a.rotate(tx)
		return err
	})
	if err != nil {
		return SignedPrekey{}, err
	}
	return made, nil
}

func (a *account) rotate(tx *store.Tx) (made SignedPrekey, err error) {
	if made.ID, err = freeNumber(tx, store.SignedPrekeys, &a.nextSignedPrekey); err != nil {
		return made, err
	}
	stageKeyPair(tx, store.SignedPrekeys, made.ID, &made.PublicKey)
	made.Signature = a.sign(&made.PublicKey)
	now := time.Now()
	a.signed = append(a.signed, signedPrekey{made.ID, now.Unix()})
	// An entry was replaced when the next one came into use.
	for len(a.signed) > 1 && now.Sub(time.Unix(a.signed[1].since, 0)) > keepSigned {
		tx.Delete(store.SignedPrekeys, prekeyName(a.signed[0].id))
		a.signed = slices.Delete(a.signed, 0, 1)
	}
	return made, nil
}

func (a *account) sign(public *[32]byte) [64]byte {
	typed := curve.Typed(public)
	return curve.Sign(&a.identityPrivate, typed[:])
}

// ImportPrekey puts a one-time prekey that was published elsewhere into the store. No
// bundle is made with it. Errors: ARGUMENT (id 0 or over 24 bits), CONFLICT (another
// key has that number), STORE, STORE_CORRUPT.
func ImportPrekey(s *store.Store, id uint32, private *[32]byte) error {
	if err := checkNumber(id); err != nil {
		return err
	}
	defer s.Lock(accountLock, "prekey "+prekeyName(id))()
	return s.Update(func(tx *store.Tx) error { return importKey(tx, store.Prekeys, id, private) })
}

// ImportSignedPrekey puts a signed prekey that was published elsewhere into the store;
// the bundles from now on use it. Errors: as ImportPrekey, and NO_IDENTITY.
func ImportSignedPrekey(s *store.Store, id uint32, private *[32]byte) error {
	if err := checkNumber(id); err != nil {
		return err
	}
	return changeAccount(s, func(tx *store.Tx, a *account) error {
		if err := importKey(tx, store.SignedPrekeys, id, private); err != nil {
			return err
		}
		if !slices.ContainsFunc(a.signed, func(p signedPrekey) bool { return p.id == id }) {
			a.signed = append(a.signed, signedPrekey{id, time.Now().Unix()})
		}
		return nil
	})
}

func checkNumber(id uint32) error {
	if id == 0 || id > maxPrekeyID {
		return status.New(status.Argument, "prekey number %d is not in 1..%d", id, maxPrekeyID)
	}
	return nil
}

func importKey(tx *store.Tx, t store.Table, id uint32, private *[32]byte) error {
	had, err := tx.Get(t, prekeyName(id))
	if err != nil {
		return err
	}
	defer secret.Wipe(had)
	key := append([]byte(nil), private[:]...)
	curve.Clamp((*[32]byte)(key))
	if had != nil && subtle.ConstantTimeCompare(had, key) != 1 {
		secret.Wipe(key)
		return status.New(status.Conflict, "prekey number %d is another key", id)
	}
	tx.Put(t, prekeyName(id), key)
	return nil
}

// loadPrekey is a prekey's private key. Errors: NO_PREKEY, STORE, STORE_CORRUPT.
func loadPrekey(tx *store.Tx, t store.Table, id uint32) (*[32]byte, error) {
	row, err := tx.Get(t, prekeyName(id))
	switch {
	case err != nil:
		return nil, err
	case row == nil:
		return nil, status.New(status.NoPrekey, "prekey %d is used up or was never made", id)
	case len(row) != curve.Bytes:
		secret.Wipe(row)
		return nil, status.New(status.StoreCorrupt, "stored prekey %d does not parse", id)
	}
	return (*[32]byte)(row), nil
}

// TakeBundle is a bundle to hand out. Its one-time prekey is handed out once; when
// none is left the bundle goes without (PrekeyID 0). A first signed prekey is made if
// there is none. Errors: NO_IDENTITY, STORE, STORE_CORRUPT.
func TakeBundle(s *store.Store) (b Bundle, err error) {
	err = changeAccount(s, func(tx *store.Tx, a *account) (err error) {
		b, err = a.bundle(tx)
		return err
	})
	if err != nil {
		return Bundle{}, err
	}
	return b, nil
}

func (a *account) bundle(tx *store.Tx) (b Bundle, err error) {
	b = Bundle{RegistrationID: a.registrationID, IdentityKey: a.identityPublic}
	if err := a.signedPart(tx, &b); err != nil {
		return b, err
	}
	for id := a.takePrekey(); id != 0; id = a.takePrekey() {
		prekey, err := loadPrekey(tx, store.Prekeys, id)
		switch status.Of(err) {
		case status.OK:
			b.PrekeyID = id
			curve.Public(&b.Prekey, prekey)
			clear(prekey[:])
			return b, nil
		case status.NoPrekey: // used by someone who had it from elsewhere
		default:
			return b, err
		}
	}
	return b, nil
}

func (a *account) signedPart(tx *store.Tx, b *Bundle) error {
	if len(a.signed) == 0 {
		made, err := a.rotate(tx)
		b.SignedPrekeyID, b.SignedPrekey, b.Signature = made.ID, made.PublicKey, made.Signature
		return err
	}
	b.SignedPrekeyID = a.signed[len(a.signed)-1].id
	private, err := loadPrekey(tx, store.SignedPrekeys, b.SignedPrekeyID)
	if status.Of(err) == status.NoPrekey {
		return status.New(status.StoreCorrupt, "signed prekey %d is missing", b.SignedPrekeyID)
	}
	if err != nil {
		return err
	}
	curve.Public(&b.SignedPrekey, private)
	clear(private[:])
	b.Signature = a.sign(&b.SignedPrekey)
	return nil
}
