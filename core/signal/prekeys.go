package signal

import (
	"crypto/subtle"
	"slices"
	"time"

	"libcallkey/core/curve"
	"libcallkey/core/secret"
	"libcallkey/core/session"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// MaxPrekeys is the limit of one-time prekeys per call.
const MaxPrekeys = 1 << 16

// keepSigned is the time for which a replaced signed prekey still opens messages.
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

// AddPrekeys makes n one-time prekeys for the app to publish: Unpublished returns them
// until Publish names them. Errors: ARGUMENT (n), NO_IDENTITY, UNSUPPORTED, STORE,
// STORE_CORRUPT.
func AddPrekeys(s *store.Store, n int) ([]Prekey, error) {
	if n < 0 || n > MaxPrekeys {
		return nil, status.New(status.Argument, "%d prekeys requested; the limit is %d", n, MaxPrekeys)
	}
	made := make([]Prekey, n)
	err := changeAccount(s, func(tx *store.Tx, a *account) error {
		if err := a.forgetUsed(tx); err != nil {
			return err
		}
		for i := range made {
			if err := a.makePrekey(tx, &made[i]); err != nil {
				return err
			}
			a.unpublished.add(span{made[i].ID, 1})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

// forgetUsed removes the prekeys that Decrypt has deleted from the lists, so that they
// do not grow without end.
func (a *account) forgetUsed(tx *store.Tx) (err error) {
	if a.unpublished, err = present(tx, a.unpublished); err != nil {
		return err
	}
	a.published, err = present(tx, a.published)
	return err
}

// present returns the one-time prekeys of the set that the store still has.
func present(tx *store.Tx, set numbers) (there numbers, err error) {
	err = eachPresent(tx, set, func(id uint32, _ *[32]byte) { there.add(span{id, 1}) })
	return there, err
}

// eachPresent calls each for every one-time prekey of the set that the store still has. The
// private key is wiped afterwards.
func eachPresent(tx *store.Tx, set numbers, each func(id uint32, private *[32]byte)) error {
	for ids := range slices.Chunk(set.list(), store.Batch) {
		names := make([]string, len(ids))
		for i, id := range ids {
			names[i] = prekeyName(id)
		}
		if err := tx.Fetch(store.Prekeys, names); err != nil {
			return err
		}
		for _, id := range ids {
			private, err := loadPrekey(tx, store.Prekeys, id)
			if status.Of(err) == status.NoPrekey {
				continue
			}
			if err != nil {
				return err
			}
			each(id, private)
			clear(private[:])
		}
	}
	return nil
}

// makePrekey makes a one-time prekey with the next free id.
func (a *account) makePrekey(tx *store.Tx, p *Prekey) (err error) {
	if p.ID, err = freeNumber(tx, store.Prekeys, &a.nextPrekey); err != nil {
		return err
	}
	a.forget(p.ID)
	a.largestPrekey = max(a.largestPrekey, p.ID)
	stageKeyPair(tx, store.Prekeys, p.ID, &p.PublicKey)
	return nil
}

// Unpublished is what AddPrekeys made and Publish did not name yet, in ascending order:
// after a crash, what there is to publish. One that was used is not among them. If there
// are more than room, the error is a *status.BufferError.
// Errors: BUFFER, NO_IDENTITY, UNSUPPORTED, STORE, STORE_CORRUPT.
func Unpublished(s *store.Store, room int) (made []Prekey, err error) {
	err = readAccount(s, func(tx *store.Tx, a *account) error {
		made = nil
		n := 0
		err := eachPresent(tx, a.unpublished, func(id uint32, private *[32]byte) {
			if n++; n > room {
				return
			}
			p := Prekey{ID: id}
			curve.Public(&p.PublicKey, private)
			made = append(made, p)
		})
		if err != nil {
			return err
		}
		return status.Fits(n, room, "prekeys")
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

// Publish marks prekeys of AddPrekeys as published. One that is marked already, or used
// up, is fine. If one is rejected, none is marked. Errors: ARGUMENT (an id that is 0 or
// over 24 bits), NOT_FOUND (AddPrekeys never made it), NO_IDENTITY, UNSUPPORTED, STORE,
// STORE_CORRUPT.
func Publish(s *store.Store, ids []uint32) error {
	for i, id := range ids {
		if id == 0 || id > maxPrekeyID {
			return status.New(status.Argument, "ids[%d]: %d is not in 1..%d", i, id, maxPrekeyID)
		}
	}
	return changeAccount(s, func(tx *store.Tx, a *account) error {
		for i, id := range ids {
			switch {
			case a.unpublished.remove(id):
				a.published.add(span{id, 1})
			case a.published.has(id):
			case a.inBundle(id):
				return status.New(status.NotFound, "ids[%d]: prekey %d belongs to a bundle and is not for publishing", i, id)
			case id > a.largestPrekey:
				return status.New(status.NotFound, "ids[%d]: there is no prekey %d", i, id)
			}
		}
		return nil
	})
}

// PrekeysLeft returns the number of published prekeys that are not used. Errors:
// NO_IDENTITY, UNSUPPORTED, STORE, STORE_CORRUPT.
func PrekeysLeft(s *store.Store) (left int, err error) {
	err = readAccount(s, func(tx *store.Tx, a *account) error {
		there, err := present(tx, a.published)
		left = there.count()
		return err
	})
	if err != nil {
		return 0, err
	}
	return left, nil
}

// freeNumber returns the next id that no stored prekey has.
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
	return 0, status.New(status.Store, "every prekey id is in use")
}

func stageKeyPair(tx *store.Tx, t store.Table, id uint32, public *[32]byte) {
	private := make([]byte, curve.Bytes)
	secret.Do(func() { curve.Generate((*[32]byte)(private), public) })
	tx.Put(t, prekeyName(id), private)
}

// RotateSignedPrekey makes a new signed prekey for the bundles from now on. Earlier
// ones still open messages for 30 days. Errors: NO_IDENTITY, STORE, STORE_CORRUPT.
func RotateSignedPrekey(s *store.Store) (made SignedPrekey, err error) {
	err = changeAccount(s, func(tx *store.Tx, a *account) error {
		made, err = a.rotate(tx)
		return err
	}, baseKeyLocks()...)
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
	a.signed = append(a.signed, signedPrekey{id: made.ID, since: now.Unix()})
	// An entry was replaced when the next one came into use.
	for len(a.signed) > 1 && now.Sub(time.Unix(a.signed[1].since, 0)) > keepSigned {
		a.signed[0].remove(tx)
		a.signed = slices.Delete(a.signed, 0, 1)
	}
	return made, nil
}

// remove deletes a signed prekey, the one-time prekeys of its bundles and the base keys used
// with it: a message that names them also names it.
func (p *signedPrekey) remove(tx *store.Tx) {
	tx.Delete(store.SignedPrekeys, prekeyName(p.id))
	forgetBaseKeys(tx, p.id)
	for _, id := range p.bundled.list() {
		tx.Delete(store.Prekeys, prekeyName(id))
	}
}

// SignedPrekeyInUse returns the signed prekey in use, with a new signature, and the Unix
// time since when it is in use. Errors: NOT_FOUND (none was made yet), NO_IDENTITY,
// UNSUPPORTED, STORE, STORE_CORRUPT.
func SignedPrekeyInUse(s *store.Store) (p SignedPrekey, since int64, err error) {
	err = readAccount(s, func(tx *store.Tx, a *account) (err error) {
		if len(a.signed) == 0 {
			return status.New(status.NotFound, "there is no signed prekey yet")
		}
		since = a.signed[len(a.signed)-1].since
		p, err = a.signedInUse(tx)
		return err
	})
	if err != nil {
		return SignedPrekey{}, 0, err
	}
	return p, since, nil
}

func (a *account) sign(public *[32]byte) [64]byte {
	typed := curve.Typed(public)
	return curve.Sign(&a.Private, typed[:])
}

// ImportPrekey imports a one-time prekey that was published elsewhere. PrekeysLeft counts
// it if the store has an identity at that time. Errors: ARGUMENT (id 0 or over 24 bits),
// CONFLICT (another key has that id), UNSUPPORTED, STORE, STORE_CORRUPT.
func ImportPrekey(s *store.Store, id uint32, private *[32]byte) error {
	if err := checkNumber(id); err != nil {
		return err
	}
	held := s.Lock(accountLock, "prekey "+prekeyName(id))
	defer held.Unlock()
	return held.Update(func(tx *store.Tx) error {
		if err := importKey(tx, store.Prekeys, id, private); err != nil {
			return err
		}
		a, err := loadAccount(tx)
		if status.Of(err) == status.NoIdentity {
			return nil
		}
		if err != nil {
			return err
		}
		defer a.Wipe()
		a.forget(id)
		a.published.add(span{id, 1})
		a.stage(tx)
		return nil
	})
}

// ImportSignedPrekey imports a signed prekey that was published elsewhere; bundles use
// it from now on. Errors: as ImportPrekey, and NO_IDENTITY.
func ImportSignedPrekey(s *store.Store, id uint32, private *[32]byte) error {
	if err := checkNumber(id); err != nil {
		return err
	}
	return changeAccount(s, func(tx *store.Tx, a *account) error {
		if err := importKey(tx, store.SignedPrekeys, id, private); err != nil {
			return err
		}
		if !slices.ContainsFunc(a.signed, func(p signedPrekey) bool { return p.id == id }) {
			a.signed = append(a.signed, signedPrekey{id: id, since: time.Now().Unix()})
		}
		return nil
	})
}

func checkNumber(id uint32) error {
	if id == 0 || id > maxPrekeyID {
		return status.New(status.Argument, "prekey id %d is not in 1..%d", id, maxPrekeyID)
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
		return status.New(status.Conflict, "another prekey has the id %d", id)
	}
	tx.Put(t, prekeyName(id), key)
	return nil
}

// loadPrekey returns a prekey's private key. Errors: NO_PREKEY, STORE, STORE_CORRUPT.
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

// TakeBundle makes a bundle, with a one-time prekey of its own that is in no other. If
// there is no signed prekey, it makes one. The one-time prekey stays until it is used, or
// its signed prekey is removed. Errors: NO_IDENTITY, UNSUPPORTED, STORE, STORE_CORRUPT.
func TakeBundle(s *store.Store) (b session.Bundle, err error) {
	err = changeAccount(s, func(tx *store.Tx, a *account) (err error) {
		b, err = a.bundle(tx)
		return err
	})
	if err != nil {
		return session.Bundle{}, err
	}
	return b, nil
}

func (a *account) bundle(tx *store.Tx) (session.Bundle, error) {
	signed, err := a.firstSigned(tx)
	if err != nil {
		return session.Bundle{}, err
	}
	var prekey Prekey
	if err := a.makePrekey(tx, &prekey); err != nil {
		return session.Bundle{}, err
	}
	a.signed[len(a.signed)-1].bundled.add(span{prekey.ID, 1})
	return session.Bundle{
		RegistrationID: a.RegistrationID,
		IdentityKey:    a.Public,
		PrekeyID:       prekey.ID,
		Prekey:         prekey.PublicKey,
		SignedPrekeyID: signed.ID,
		SignedPrekey:   signed.PublicKey,
		Signature:      signed.Signature,
	}, nil
}

// firstSigned returns the signed prekey in use; if there is none it makes one.
func (a *account) firstSigned(tx *store.Tx) (SignedPrekey, error) {
	if len(a.signed) == 0 {
		return a.rotate(tx)
	}
	return a.signedInUse(tx)
}

func (a *account) signedInUse(tx *store.Tx) (p SignedPrekey, err error) {
	p.ID = a.signed[len(a.signed)-1].id
	private, err := loadPrekey(tx, store.SignedPrekeys, p.ID)
	if status.Of(err) == status.NoPrekey {
		err = status.New(status.StoreCorrupt, "signed prekey %d is missing", p.ID)
	}
	if err != nil {
		return p, err
	}
	curve.Public(&p.PublicKey, private)
	clear(private[:])
	p.Signature = a.sign(&p.PublicKey)
	return p, nil
}
